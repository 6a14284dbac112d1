"""Snapshots and recordings made by a key: in the current folder, under names that are still free."""

from __future__ import annotations

import time
from pathlib import Path

import cv2

from digitrec.errors import OutputError
from digitrec.outputs.base import Moment, RunInfo
from digitrec.outputs.creating import cannot_write
from digitrec.outputs.video import VideoFile
from digitrec.overlay import annotate
from digitrec.results import Frame, Reading


class Keepsakes:
    """Saves what is in the window. Nothing here ends the run: what fails is told.

    Args:
        folder: where files go.
        reports: gets what was saved, for the summary.
    """

    def __init__(self, folder: Path, reports: list[str]) -> None:
        self._folder = folder
        self._video: VideoFile | None = None
        self._reports = reports

    @property
    def is_recording(self) -> bool:
        """A recording is on."""
        return self._video is not None

    def snapshot(self, shown: tuple[Frame, Reading] | None) -> str | None:
        """Save the frame with its reading as PNG, at its full size; what to tell the user."""
        if shown is None:
            return None
        path = self._free_name(".png")
        try:
            with path.open("xb") as file:
                file.write(cv2.imencode(".png", annotate(shown[0].image, shown[1]))[1].tobytes())
        except OSError as error:
            return cannot_write(path, error).message
        self._reports.append(str(path))
        return f"saved {path}"

    def toggle(self, now: Moment) -> str | None:
        """Begin a recording, or end it."""
        if self._video is not None:
            return self.close()
        path = self._free_name(".mkv")  # of all kinds, the one that a crash does not spoil
        try:
            self._video = VideoFile(path, RunInfo(now))
        except OutputError as error:
            return error.message
        return f"recording {path}"

    def record(self, frame: Frame, reading: Reading) -> str | None:
        """Add a frame to the recording, if one is on."""
        if self._video is None:
            return None
        try:
            self._video.write(frame, reading)
        except OutputError as error:
            self.close()
            return error.message
        return None

    def close(self) -> str | None:
        """End the recording."""
        if self._video is None:
            return None
        video, self._video = self._video, None
        try:
            video.__exit__(None, None, None)
        except OutputError as error:
            return error.message
        report = video.report()
        if report is None:
            return "nothing was recorded"
        self._reports.append(report)
        return f"saved {report}"

    def _free_name(self, suffix: str) -> Path:
        stamp = time.strftime("digitrec-%Y%m%d-%H%M%S")
        path = self._folder / f"{stamp}{suffix}"
        number = 2
        while path.exists():
            path = self._folder / f"{stamp}_{number}{suffix}"
            number += 1
        return path
