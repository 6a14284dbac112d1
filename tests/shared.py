"""Where the shared data lies; tests that need it skip without it."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("DIGITREC_SHARED", ROOT.parent / "shared")) / "data"


def shared_file(name: str) -> Path:
    """A file or folder of the shared data, or the running test is skipped."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the shared data has no {name} here")
    return path
