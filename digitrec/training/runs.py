"""The folder of a training run: whether it is free, whether it can be written, and what an interrupted run left there.

Nothing heavy is imported: all this is known before minutes of work.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from digitrec.errors import OutputError, UsageError

CHECKPOINT = "checkpoint.keras"

_RESULTS = {
    "shipped": ("digits.keras", "digits.tflite", "quick.keras", "quick.tflite", "metrics.json"),
    "quick": ("quick.keras", "quick.tflite"),
    "strings": ("strings.keras", "strings.tflite"),
}
_STATES = {
    "shipped": (*(f"stage-{n}/{CHECKPOINT}" for n in (1, 2, 3)), "crops.npz"),
    "quick": (f"stage-3/{CHECKPOINT}", "crops.npz"),
    "strings": (f"strings/{CHECKPOINT}", "strings/pieces.npz"),
    "svc": (),
}


@dataclass(frozen=True, slots=True)
class Run:
    """One training and its folder.

    Attributes:
        name: of the architecture.
        folder: for model, checkpoint, log and metrics.
    """

    name: str
    folder: Path

    def check(self, resume: bool, force: bool) -> None:
        """Create the folder, and see whether a run may begin there; nothing in it is changed.

        Args:
            resume: what is there is gone on with.
            force: what is there may be replaced.

        Raises:
            OutputError: an earlier run or its model is there and would be lost, or the folder cannot be written.
        """
        check_folder(self.folder)
        state = self._state()
        if resume and state:
            return
        own = f"{self.name}.keras", f"{self.name}.tflite", "metrics.json"
        kept = state + self._present(_RESULTS.get(self.name, own))
        if kept and not force:
            more = "--resume to go on with it, " if state else ""
            raise OutputError(
                f"{self.folder} holds an earlier run ({kept[0]}). Give {more}--force to replace it, or another --out."
            )

    def begin(self, resume: bool) -> None:
        """Without ``resume``, remove what an earlier run would go on from: no later one shall take it for this one's.

        To be called when ``check`` has passed and all that the run needs was opened: a mistake in the command must not
        cost an earlier run.

        Raises:
            OutputError: a file cannot be removed.
        """
        for name in [] if resume else self._state():
            try:
                (self.folder / name).unlink()
            except OSError as error:
                raise _cannot_write(self.folder / name, error) from error

    def left(self) -> str:
        """What an interrupted run can go on from, for people."""
        state = self._present(_STATES.get(self.name, (CHECKPOINT,)))
        if any(name.endswith(CHECKPOINT) for name in state):
            return "the same command with --resume goes on from the last epoch"
        if state:
            return f"no epoch is done; the same command with --resume takes {state[0]} as it is"
        return "nothing is kept yet that could be gone on from"

    def _state(self) -> list[str]:
        """What a run can go on from, and its log, as far as they are there."""
        return self._present(_STATES.get(self.name, (CHECKPOINT, "log.jsonl")))

    def _present(self, names: tuple[str, ...]) -> list[str]:
        return [name for name in names if (self.folder / name).exists()]


def check_folder(folder: Path) -> None:
    """Create ``folder`` where it is missing, and try to write there.

    Raises:
        OutputError: it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} cannot be written: it is no folder. Choose another --out.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _cannot_write(folder, error) from error


def _cannot_write(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} cannot be written ({error.strerror or error}). Choose another --out.")


def check_recipe(folder: Path, recipe: dict[str, Any]) -> None:
    """Whether the run in ``folder`` was begun with this recipe; it may be longer now.

    Raises:
        UsageError: it was begun with another, or nothing says with which.
    """
    try:
        kept = json.loads((folder / "recipe.json").read_text())
    except (OSError, ValueError):
        kept = {}
    if _but_epochs(kept) != _but_epochs(recipe):
        raise UsageError(
            f"{folder} holds a run with other options than these. Give the same ones, or leave out --resume."
        )


def _but_epochs(recipe: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in recipe.items() if k != "epochs"}
