"""``--check`` and ``--list-cameras``: what this machine has, in lines for people."""

from __future__ import annotations

import importlib
import platform
import re
from dataclasses import dataclass
from importlib import metadata

import digitrec
from digitrec.cli import Options
from digitrec.console import Console
from digitrec.errors import ModelError


@dataclass(frozen=True, slots=True)
class Need:
    """A package: its distributions (any will do), the oldest version that works, what to import, what it is for."""

    distributions: tuple[str, ...]
    oldest: tuple[int, ...]
    module: str
    purpose: str
    is_needed: bool = True


NEEDS = (
    Need(("opencv-python", "opencv-contrib-python", "opencv-python-headless"), (4, 12), "cv2", "pictures and windows"),
    Need(("numpy",), (2,), "numpy", "arrays"),
    Need(("ai-edge-litert",), (2,), "ai_edge_litert.interpreter", "runs the model"),
    Need(("cv2-enumerate-cameras",), (1,), "cv2_enumerate_cameras", "cameras by name", False),
    Need(("num2words",), (0, 5), "num2words", "--words", False),
    Need(("imutils",), (0, 5), "imutils", "helpers", False),
    Need(("pygame", "pygame-ce"), (2,), "", "the canvas", False),
    Need(("tensorflow",), (2, 19), "", "training only", False),
)
"""Those with a module are imported, since a package can be there and not load; heavy ones are only looked up."""


def check(options: Options, console: Console) -> int:
    """Print what was found; 0 if files can be read, else the exit code that reading one would end with."""
    console.data(f"digitrec {digitrec.__version__}, Python {platform.python_version()}, {platform.platform()}\n")
    works = [_check_package(need, console) for need in NEEDS]
    if not all(works):
        console.data("files cannot be read. Install what is needed: pip install -r requirements.txt\n")
        return 1
    code = _check_model(options, console)
    _check_display(console)
    show_cameras(console)
    console.data("files can be read\n" if code == 0 else "files cannot be read\n")
    return code


def show_cameras(console: Console) -> int:
    """Print the cameras, a line each: number, name, device."""
    from digitrec.outputs.text import printable
    from digitrec.sources import list_cameras

    cameras = list_cameras()
    for camera in cameras:
        path = f"  ({camera.path})" if camera.path else ""
        console.data(f"camera {camera.index}  {printable(camera.name)}{path}\n")
    if not cameras:
        console.say("no camera found. Plug one in, or read a file: cam.py FILE, cam.py --demo")
    return 0


def _check_package(need: Need, console: Console) -> bool:
    """Print one line; False where reading files is impossible for it."""
    name, version = _installed(need)
    if version is None:
        state = f"missing, {'needed' if need.is_needed else 'optional'}"
    elif _numbers(version) < need.oldest:
        state = f"{version}, too old: {'.'.join(map(str, need.oldest))} is needed"
    else:
        state = f"{version}{_import_fault(need)}"
    is_fine = state == version
    console.data(f"{'ok' if is_fine else '--'}  {name} {state}  ({need.purpose})\n")
    return is_fine or not need.is_needed


def _installed(need: Need) -> tuple[str, str | None]:
    for name in need.distributions:
        try:
            return name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return need.distributions[0], None


def _import_fault(need: Need) -> str:
    try:
        if need.module:
            importlib.import_module(need.module)
    except (ImportError, OSError) as error:  # a missing system library is either
        return f", but it does not load: {error}"
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _check_model(options: Options, console: Console) -> int:
    import numpy as np

    from digitrec.session import load_recognizer

    try:
        recognizer = load_recognizer(options)
        recognizer.read(np.full((120, 160, 3), 220, np.uint8))
    except ModelError as error:
        console.data(f"--  model: {error.message}\n")
        return error.exit_code
    console.data(f"ok  model {recognizer.model}\n")
    return 0


def _check_display(console: Console) -> None:
    from digitrec.display import find_display

    display = find_display()
    found = (
        f"--  display: {display.missing}" if display.missing else f"ok  display {display.screen[0]}x{display.screen[1]}"
    )
    console.data(f"{found}\n")
