"""The contract of all sources: an iterator of frames and a context manager."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

if TYPE_CHECKING:  # it brings numpy, which "--help" does not wait for
    from digitrec.results import Frame


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What is asked of a source beyond its name.

    Attributes:
        width: picture width asked of a camera, pixels; None: the camera's own choice.
        height: picture height asked of a camera, pixels.
        fps: frame rate asked of a camera, frames a second.
        start_s: videos begin here, seconds from their start.
        end_s: videos and live sources end before this time, seconds; None: at their own end.
        stall_s: a live source with nothing new for so long is at fault, seconds.
        open_timeout_s: a camera or a server that has not answered by then is refused, seconds.
        passes_over: of the frames of a video file that lie close together most come without their picture, which can be
            fetched (``Frame.fetch``).
        live_retry: a live source at fault shows its ``status`` and reconnects with growing pauses (for windows);
            False: it raises SourceError.
    """

    width: int | None = None
    height: int | None = None
    fps: float | None = None
    start_s: float = 0.0
    end_s: float | None = None
    stall_s: float = 3.0
    open_timeout_s: float = 10.0
    passes_over: bool = False
    live_retry: bool = False

    def without_times(self) -> SourceOptions:
        """The same, for the whole length of the source."""
        return replace(self, start_s=0.0, end_s=None)


@runtime_checkable
class Source(Protocol):
    """Yields ``Frame``; closes what it opened when left. Iterating, it raises SourceError where the source dies.

    Attributes:
        name: shown to people.
        is_live: a camera or network stream: only the newest frame is handed out, older ones are dropped.
        frame_count: how many frames will come; None where unknown or not to be believed.
        fps: frames a second; None where unknown or absurd.
        problems: what went wrong without ending the run (damaged frames, inputs passed over), one line each; it grows
            while frames are read.
    """

    name: str
    is_live: bool

    @property
    def frame_count(self) -> int | None:
        """See above; properties, so that a chain of sources can answer for the current one."""
        ...

    @property
    def fps(self) -> float | None:
        """See above."""
        ...

    @property
    def problems(self) -> list[str]:
        """See above."""
        ...

    def __iter__(self) -> Iterator[Frame]: ...
    def __next__(self) -> Frame: ...
    def seek(self, time_s: float) -> bool:
        """Go on from the frame shown at ``time_s`` (clipped to the source); False where the source cannot."""
        ...

    def close(self) -> None:
        """Release the file or device; may be called again."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class ClosingMixin:
    """``with`` closes the source, and iterating a source gives the source itself."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def close(self) -> None:
        """Release what is held."""
        raise NotImplementedError

    def seek(self, time_s: float) -> bool:
        """Sources that cannot seek say so."""
        return False
