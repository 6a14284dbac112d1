"""Cameras by name and number, listed without opening them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """One camera: ``index`` is the number to pass, ``name`` what the system calls it, ``path`` its device file."""

    index: int
    name: str
    path: str | None = None


def list_cameras() -> list[CameraInfo]:
    """The cameras of this machine by number, without opening any; nodes that give no pictures are left out."""
    raise NotImplementedError
