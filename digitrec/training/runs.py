"""The folder of a training run: whether it is free, whether it can be written, and what an interrupted run left there.

Nothing heavy is imported: all this is known before minutes of work.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
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


class OtherRunError(UsageError):
    """A run cannot be gone on with: it was begun with other options."""


@dataclass(frozen=True, slots=True)
class Given:
    """What decides the outcome of a run besides its recipe and the data.

    Attributes:
        start: the model that it goes on from, or learns from; None: from nothing.
        teachers: the models whose answers are learnt.
        scenes: rendered scenes.
    """

    start: Path | None
    teachers: tuple[Path, ...]
    scenes: int

    def noted(self) -> dict[str, Any]:
        """The same by the options' names, the models by their SHA-256: they may lie elsewhere by now, or have changed.

        Raises:
            OSError: a model cannot be read.
        """
        start = None if self.start is None else _sum_of(self.start)
        return {"--start": start, "--teacher": sorted(map(_sum_of, self.teachers)), "--scenes": self.scenes}


def _sum_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


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

    def begin(self, resume: bool, given: Given | None = None) -> None:
        """Without ``resume``, remove what an earlier run would go on from: no later one shall take it for this one's.

        To be called when ``check`` has passed and all that the run needs was opened: a mistake in the command must not
        cost an earlier run.

        Args:
            resume: what is there is gone on with.
            given: what a run that is to go on must have been begun with; it is noted in the folder.

        Raises:
            OtherRunError: it was begun with something else.
            OutputError: a file cannot be removed or written.
        """
        note, state, noted = self.folder / f"{self.name}-given.json", self._state(), given.noted() if given else {}
        if resume and state:
            self._check_given(note, noted)
        try:
            for name in [] if resume else state:
                (self.folder / name).unlink()
            if noted:
                note.write_text(json.dumps(noted, indent=2) + "\n")
        except OSError as error:
            raise _cannot_write(self.folder, error) from error

    def _check_given(self, note: Path, noted: dict[str, Any]) -> None:
        """Runs of earlier versions left no note, or one that tells less: what is not known is let pass."""
        kept = _kept(note)
        others = [option for option, value in noted.items() if kept.get(option, value) != value]
        if others:
            raise _other_run(self.folder, f"another {' and '.join(others)}")

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


def check_results(folder: Path, names: Sequence[str], force: bool) -> None:
    """Create ``folder`` for results called so, in which ``*`` stands for anything; whether they may be written.

    Raises:
        OutputError: it cannot be written, or ``force`` is false and one is there.
    """
    check_folder(folder)
    there = [path.name for name in names for path in sorted(folder.glob(name))]
    if there and not force:
        raise OutputError(
            f"{folder} holds earlier results ({there[0]}). Give --force to replace them, or another --out."
        )


def check_recipe(folder: Path, recipe: dict[str, Any]) -> None:
    """Whether the run in ``folder`` was begun with this recipe; it may be longer now.

    Raises:
        OtherRunError: it was begun with another, or nothing says with which.
    """
    if _but_epochs(_kept(folder / "recipe.json")) != _but_epochs(recipe):
        raise _other_run(folder, "other options than these")


def _other_run(folder: Path, what: str) -> OtherRunError:
    return OtherRunError(f"{folder} holds a run with {what}. Give the same ones, or leave out --resume.")


def _kept(note: Path) -> dict[str, Any]:
    """What was noted of a run; nothing where the note is missing or damaged."""
    try:
        kept = json.loads(note.read_text())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _but_epochs(recipe: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in recipe.items() if k != "epochs"}
