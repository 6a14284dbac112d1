"""Cameras by name and number, listed without opening them."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from digitrec.errors import SourceError
from digitrec.sources.base import SourceOptions

if TYPE_CHECKING:
    from digitrec.sources.grab import Capture

_SYSFS = Path("/sys/class/video4linux")
_MOST_CAMERAS = 100  # OpenCV takes 200 for "V4L2, camera 0": larger numbers mean something else
_PRIVACY = {
    "Darwin": "allow the camera to your terminal in System Settings > Privacy & Security > Camera",
    "Windows": "allow the camera to desktop apps in Settings > Privacy & security > Camera",
}


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """One camera: ``index`` is the number to pass, ``name`` what the system calls it, ``path`` its device file."""

    index: int
    name: str
    path: str | None = None


def list_cameras() -> list[CameraInfo]:
    """The cameras of this machine by number, without opening any; nodes that give no pictures are left out."""
    try:
        from cv2_enumerate_cameras import enumerate_cameras

        found = enumerate_cameras(_backend())
    except (ImportError, NotImplementedError, OSError):  # not installed, or not for this system
        return _list_sysfs(_SYSFS)
    cameras = (CameraInfo(c.index, str(c.name or f"camera {c.index}"), c.path) for c in found)
    return sorted(cameras, key=lambda camera: camera.index)


def _list_sysfs(folder: Path) -> list[CameraInfo]:
    """Linux without cv2-enumerate-cameras; a camera's second node (``index`` above 0) carries its metadata."""
    cameras = []
    for node in folder.glob("video*"):
        number = node.name.removeprefix("video")
        try:
            if number.isdigit() and (node / "index").read_text().strip() == "0":
                name = (node / "name").read_text(errors="replace").strip()
                cameras.append(CameraInfo(int(number), name, f"/dev/{node.name}"))
        except OSError:  # unplugged meanwhile
            continue
    return sorted(cameras, key=lambda camera: camera.index)


def _backend() -> int:
    """One backend a system, the same for listing and opening, so that numbers and names belong together."""
    from digitrec.sources.backend import cv2

    by_system = {"Linux": cv2.CAP_V4L2, "Windows": cv2.CAP_MSMF, "Darwin": cv2.CAP_AVFOUNDATION}
    return by_system.get(platform.system(), cv2.CAP_ANY)


def first_camera() -> int:
    """The number of the first camera; raises SourceError where there is none."""
    cameras = list_cameras()
    if not cameras:
        raise SourceError(
            "no camera was found. Plug one in, or pass a video or a picture: cam.py clip.mp4, or see cam.py --demo"
        )
    return cameras[0].index


def find_camera(text: str) -> int | None:
    """The number of the camera whose name has ``text`` in it, None where there is none.

    Raises:
        SourceError: there are several.
    """
    wanted = text.casefold()
    found = [camera for camera in list_cameras() if wanted in camera.name.casefold()]
    if len(found) > 1:
        raise SourceError(f"{text} is part of the names of {_listed(found)}. Give the number.")
    return found[0].index if found else None


def open_camera(index: int, options: SourceOptions) -> Capture:
    """Open a camera with the size and rate asked for (it takes the nearest that it has).

    Raises:
        SourceError: it is not there, not allowed, or taken.
    """
    refusal = _refusal(index)
    if refusal:
        raise SourceError(refusal)
    from digitrec.sources.backend import cv2, quiet

    quiet()
    capture = cv2.VideoCapture(index, _backend())
    if not capture.isOpened():
        capture.release()
        setting = _PRIVACY.get(platform.system())
        remedy = f"Close that program, or {setting}" if setting else "Close that program, or choose another"
        raise SourceError(
            f"camera {index} cannot be opened (in use by another program, or no camera). {remedy}: --list-cameras"
        )
    if options.width or options.height:  # raw pictures of HD size come at 5 to 10 a second over USB 2
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    asked = (
        (cv2.CAP_PROP_FRAME_WIDTH, options.width),
        (cv2.CAP_PROP_FRAME_HEIGHT, options.height),
        (cv2.CAP_PROP_FPS, options.fps),
        (cv2.CAP_PROP_BUFFERSIZE, 1),  # older frames in the driver's queue are latency
    )
    for prop, value in asked:
        if value:
            capture.set(prop, value)
    return capture


def _refusal(index: int) -> str | None:
    """Why a camera is not even tried: ``VideoCapture(-1)`` ends the process with a segmentation fault."""
    if not 0 <= index < _MOST_CAMERAS:
        return f"camera {index} does not exist: cameras are numbered from 0. See them: --list-cameras"
    device = Path(f"/dev/video{index}")
    if platform.system() != "Linux":
        return None
    if not device.exists():
        cameras = list_cameras()
        here = f"here is {_listed(cameras)}" if cameras else "no camera was found"
        return f"camera {index} does not exist: {here}. Plug it in, or pass a video or a picture instead"
    if not os.access(device, os.R_OK | os.W_OK):
        return (
            f"camera {index} may not be opened: you have no permission for {device}. "
            "Join its group: sudo usermod -aG video $USER, then log in again"
        )
    return None


def _listed(cameras: list[CameraInfo]) -> str:
    return ", ".join(f"camera {camera.index} ({camera.name})" for camera in cameras)
