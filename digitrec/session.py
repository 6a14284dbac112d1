"""One run of ``cam.py``: opens what the options ask for, runs the loop, closes everything and sums up."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from digitrec.cli import DEMO, Options
from digitrec.console import Console, StandardOutput, quiet_libraries
from digitrec.display import Display, LostDisplay, find_display
from digitrec.errors import DigitrecError, DisplayError, SourceError
from digitrec.interrupts import Interrupts
from digitrec.keyframes import recorded_frames
from digitrec.liveframes import LiveFrames
from digitrec.outputs import STDOUT, Output, RunInfo, check_targets, needs_pictures, open_output
from digitrec.outputs.base import Moment, counted
from digitrec.pipeline import Pipeline, Stages, Writer, is_still
from digitrec.results import Frame
from digitrec.sources import Source, SourceOptions, open_source
from digitrec.summary import Meter, progress_line, summary_lines

if TYPE_CHECKING:
    from digitrec.archive import Archive
    from digitrec.outputs.resume import Held
    from digitrec.recognizer import Recognizer

SWITCH_S = 1e-4
"""A thread that decodes waits no longer than this for one that computes in Python: with 5 ms, 20 frames take 21."""

PROGRESS_S = 0.2
FAILED = 3


class Told(Protocol):
    """What is told of a run: a source's or an archive's."""

    @property
    def frame_count(self) -> int | None:
        """How many will come."""
        ...

    @property
    def problems(self) -> list[str]:
        """One line each; it grows."""
        ...


class Session:
    """A run from its options to its exit code.

    Args:
        options: the command line.
        console: talk and data.
        interrupts: entered; outputs are closed under its ``held()``.
    """

    def __init__(self, options: Options, console: Console, interrupts: Interrupts) -> None:
        self._options = options
        self._console = console
        self._interrupts = interrupts
        self._meter = Meter()
        self._now = Moment()
        self._outputs: list[Output] = []
        self._open = ExitStack()
        self._saved: list[str] = []
        self._told = 0
        self._was_quit = False
        self._lost: LostDisplay | None = None
        self._pipeline: Pipeline | None = None
        self._progress_s = 0.0
        self._noun = "frame"
        self._kinds: set[bool] = set()

    def run(self) -> int:
        """Run; the exit code (0, or 3 where something of the input could not be read).

        Raises:
            DigitrecError: what ended the run, with its exit code.
        """
        options = self._options
        specs = self._specs()
        check_targets(options.out, specs, options.force or options.resume)
        if options.has_workers:
            return self._run_archive(specs)
        display = Display("a window was not wanted") if options.no_window else find_display()
        wanted = replace(self._wanted(), live_retry=display.missing is None)
        wanted = replace(wanted, passes_over=not self._needs_pictures(display))
        with open_source(specs, wanted) as source:
            self._check_display(display, source)
            try:
                self._read(source, display)
            finally:
                with self._interrupts.held():
                    self._finish(source)
        return self._verdict(source)

    def _run_archive(self, specs: tuple[str, ...]) -> int:
        """The same with workers, which give back readings and no pictures: there is nothing to show."""
        from digitrec.archive import open_archive

        self._noun = "file"
        with open_archive(specs, self._options, self._wanted(), self._console) as archive:
            try:
                self._read_archive(archive)
            finally:
                with self._interrupts.held():
                    self._finish(archive)
        if archive.failed:
            self._console.say(f"{archive.failed} of {archive.frame_count} files could not be read")
        return FAILED if archive.problems else 0

    def _read_archive(self, archive: Archive) -> None:
        self._open_outputs(archive.several, archive.skip)
        if archive.held:
            held, left = counted(archive.held, "file"), archive.frame_count
            self._console.say(f"{self._options.out[0]} holds {held}; to read: {left:,}")
        writer = Writer(self._outputs, self._now, self._interrupts)
        self._meter.restart()
        for step in archive:
            with self._interrupts.held():  # what is written counts
                writer.write(step.frames)
                if step.took_s is not None:
                    self._meter.add(step.took_s)
            self._note(archive)

    def _wanted(self) -> SourceOptions:
        options = self._options
        return SourceOptions(
            width=options.width, height=options.height, fps=options.fps, start_s=options.start, end_s=options.end
        )

    def _needs_pictures(self, display: Display) -> bool:
        """Whether frames are shown or drawn on."""
        return display.missing is None or any(needs_pictures(target) for target in self._options.out)

    def _specs(self) -> tuple[str, ...]:
        if not self._options.demo:
            return self._options.sources
        if not DEMO.is_file():
            raise SourceError(f"the sample clip {DEMO} is missing. Fetch the project again, or give a file.")
        return (str(DEMO),)

    def _check_display(self, display: Display, source: Source) -> None:
        """Files go on without a window; a live source is watched in one, unless it was said what else to do with it."""
        if display.missing is None or self._options.no_window:
            return
        if source.is_live and not self._options.out:
            raise DisplayError(f"{display.missing} to show {source.name} in. Add --no-window, or --out FILE.")
        self._console.say(f"{display.missing}: going on without a window")

    def _read(self, source: Source, display: Display) -> None:
        options = self._options
        recognizer = load_recognizer(options)
        self._open_outputs(several=hasattr(source, "position"))
        pictures = self._needs_pictures(display)
        make_frames = LiveFrames if source.is_live else partial(recorded_frames, pictures=pictures)
        sys.setswitchinterval(SWITCH_S)
        stages = Stages(recognizer.read, make_frames, tuple(self._outputs), self._now)
        pipeline = self._pipeline = Pipeline(stages, self._meter, self._interrupts, self._watch)
        self._meter.restart()
        try:
            if display.missing is not None:
                pipeline.run(source)
            else:
                self._play(source, pipeline, display, recognizer)
            pipeline.finish()
        except SourceError:  # what came before it died is read
            pipeline.finish()
            raise

    def _play(self, source: Source, pipeline: Pipeline, display: Display, recognizer: Recognizer) -> None:
        """In a window."""
        options = self._options
        from digitrec.keepsakes import Keepsakes
        from digitrec.player import Controls, Player
        from digitrec.screen import Look
        from digitrec.viewer import Viewer
        from digitrec.window import Window

        self._lost = LostDisplay(lambda: self._rescue(source))  # kept: C calls it, whenever
        look = Look(mirror=options.mirror, debug=options.debug)
        viewer = Viewer(partial(Window, is_bare=display.is_bare), recognizer.explain, look, display.screen)
        keepsakes = Keepsakes(_current_folder(), self._saved)
        say, words = self._console.say, options.words
        controls = Controls(viewer, keepsakes, self._meter, self._interrupts, say, self._now, words, options.start)
        recorded = bool(options.out or options.save_crops)
        self._was_quit = Player(source, pipeline, controls, recorded).run()

    def _open_outputs(self, several: bool, skip: Callable[[Held], None] | None = None) -> None:
        """Open what was asked for; ``skip`` is told what an output that is continued holds already."""
        options = self._options
        run = RunInfo(self._now, several, options.words, options.force)
        with self._interrupts.held():
            for target in options.out:
                if skip is not None and options.resume:
                    self._keep(_continue_output(target, run, skip))
                else:
                    self._keep(open_output(target, run, self._console))
            if options.save_crops is not None:
                from digitrec.outputs.crops import Crops

                self._keep(Crops(Path(options.save_crops)))
            if not options.out or (options.demo and STDOUT not in options.out):
                from digitrec.outputs.text import TextLines

                self._keep(TextLines(StandardOutput(self._console), run))

    def _keep(self, output: Output) -> None:
        self._outputs.append(self._open.enter_context(output))

    def _watch(self, source: Source, frame: Frame) -> None:
        """After each frame: tell new problems, show the progress."""
        self._kinds.add(is_still(source, frame))
        self._noun = "picture" if self._kinds == {True} else "frame"
        self._note(source)

    def _note(self, source: Told) -> None:
        self._tell_problems(source)
        now = time.monotonic()
        if self._console.shows_progress and now - self._progress_s >= PROGRESS_S:
            self._progress_s = now
            self._console.progress(progress_line(self._meter, source.frame_count, self._noun))

    def _tell_problems(self, source: Told) -> None:
        problems = source.problems
        for problem in problems[self._told :]:
            self._console.say(problem)
        self._told = len(problems)

    def _tell_damage(self, source: Told) -> None:
        """Of a stream only, where some damage is nothing unusual: no problem by which the run would have failed."""
        damaged = getattr(source, "damaged", 0)
        if damaged:
            name, pictures = getattr(source, "name", "the stream"), counted(damaged, "damaged picture")
            self._console.say(f"{name} sent {pictures}. Look after the network, or the camera.")

    def _finish(self, source: Told) -> None:
        """Write what was read, close the outputs and sum up; called once, whatever ended the run."""
        try:
            with self._open:
                if self._pipeline is not None:
                    self._pipeline.break_off()
        finally:
            self._tell_problems(source)
            self._tell_damage(source)
            if self._meter.frames:
                reports = [report for output in self._outputs if (report := output.report())]
                dropped = getattr(source, "dropped", None)
                for line in summary_lines(self._meter, self._noun, dropped, reports + self._saved):
                    self._console.say(line)

    def _rescue(self, source: Source) -> int:
        """The display went away and the process is about to end: keep what was read."""
        try:
            try:
                if self._pipeline is not None:
                    self._pipeline.finish()
            finally:
                self._finish(source)
        except DigitrecError as error:
            self._console.say(error.message)
            return error.exit_code
        self._console.say("the display was lost; what was read until then is kept. Add --no-window to do without.")
        return DisplayError.exit_code

    def _verdict(self, source: Source) -> int:
        if self._meter.frames == 0 and not self._was_quit:
            raise SourceError(f"{source.name} gave no frame. Check --start and --end, or choose another source.")
        return FAILED if source.problems else 0


def _current_folder() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:  # deleted: what is to be saved there is refused
        return Path()


def _continue_output(target: str, run: RunInfo, skip: Callable[[Held], None]) -> Output:
    from digitrec.outputs.resume import ContinuedFile
    from digitrec.outputs.text import JsonLines

    file = ContinuedFile(Path(target))
    skip(file.held)
    return JsonLines(file, run)


def load_recognizer(options: Options) -> Recognizer:
    """The recognizer that the options ask for.

    Raises:
        ModelError: its model is missing or damaged.
    """
    from digitrec.recognizer import Recognizer

    with nullcontext() if options.debug else quiet_libraries():  # LiteRT tells about its delegate
        return Recognizer(options.model, options.min_confidence)
