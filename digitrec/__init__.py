"""digitrec: reads handwritten digits from a camera, a video, a photo or a canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digitrec.errors import DigitrecError

if TYPE_CHECKING:
    from digitrec.recognizer import Recognizer
    from digitrec.results import Digit, Number, Reading

__all__ = ["Digit", "DigitrecError", "Number", "Reading", "Recognizer", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the module protocol's own signature
    """Import OpenCV and the model code only when they are asked for, so that ``--help`` is instant (PEP 562)."""
    if name == "Recognizer":
        from digitrec.recognizer import Recognizer

        return Recognizer
    if name in {"Digit", "Number", "Reading"}:
        from digitrec import results

        return getattr(results, name)
    raise AttributeError(f"module 'digitrec' has no attribute {name!r}")
