"""The window: opens it, hands its events to the control, draws 60 times a second while something changes."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pygame

from digitrec.canvas.collect import Collection
from digitrec.canvas.control import Control
from digitrec.canvas.display import at_least, check_display, open_window, system_scale
from digitrec.canvas.files import Files
from digitrec.canvas.keys import REPEATABLE, Key, action_for
from digitrec.canvas.layout import MIN_WINDOW
from digitrec.canvas.margin import Reads
from digitrec.canvas.reader import Reader
from digitrec.canvas.session import Session
from digitrec.canvas.view import View
from digitrec.console import Console, quiet_libraries

FRAMES_PER_SECOND = 60


@dataclass(frozen=True, slots=True)
class Options:
    """What ``draw.py`` was asked for.

    Attributes:
        model: a ``.tflite`` file; None: the shipped one.
        manual: read on Enter and Done only.
        collect: folder for corrected digits, or None.
        save_dir: where Ctrl+S saves.
        open: a picture or a saved drawing to begin with, or None.
        size: (width, height) of the window at a scale of 1.
        scale: of the interface; None: as the system says.
        min_confidence: digits below it are rejected; None: the default.
        debug: show frame rate and reading time.
    """

    model: Path | None = None
    manual: bool = False
    collect: Path | None = None
    save_dir: Path = Path()
    open: Path | None = None
    size: tuple[int, int] = (1180, 740)
    scale: float | None = None
    min_confidence: float | None = None
    debug: bool = False


def run(options: Options, recognizer: Reads | None = None) -> int:
    """Open the window and stay until it is closed.

    Args:
        options: what was asked for.
        recognizer: None: ``digitrec.Recognizer`` with the options' model.

    Returns:
        The exit code, 0.

    Raises:
        DigitrecError: there is no display, no model, or a folder that cannot be written.
    """
    check_display()
    collection = Collection(options.collect) if options.collect is not None else None
    if recognizer is None:
        from digitrec.recognizer import Recognizer

        with quiet_libraries():  # LiteRT says on standard error that it has loaded
            recognizer = Recognizer(options.model, options.min_confidence)
    scale = options.scale or system_scale()
    screen = open_window(options.size, scale)
    reader = Reader(recognizer, _wake)
    try:
        session = Session(screen.get_size(), scale, manual=options.manual)
        for line in _limits(options, session):
            Console().say(f"draw.py: {line}")
        control = Control(session, reader, Files(session, options.save_dir, collection))
        if options.open is not None:
            control.files.open(options.open)
            control.changed()
        with _terminable(control):
            Window(screen, control, options.debug).loop()
    finally:
        reader.close()
        pygame.quit()
    return 0


def _limits(options: Options, session: Session) -> Iterator[str]:
    """What was asked for and cannot be."""
    if any(asked < least for asked, least in zip(options.size, MIN_WINDOW, strict=True)):
        raised = "x".join(map(str, at_least(options.size)))
        yield f"--size {options.size[0]}x{options.size[1]} has no room for all parts of the window: it is {raised}"
    if options.scale is not None and session.scale < options.scale:
        width, height = session.window
        yield f"--scale {options.scale:g} has no room in {width}x{height} pixels: it is {session.scale:.2f}"


@contextlib.contextmanager
def _terminable(control: Control) -> Iterator[None]:
    """SIGTERM leaves at once: nobody may be there to be asked. SDL would make of it what the close button does."""

    def leave(*_: object) -> None:
        control.finished = True

    former = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


def _wake() -> None:
    """Called by the reading thread: ends the wait for events (SDL's queue may be used from any thread)."""
    with contextlib.suppress(pygame.error):  # the window was closed meanwhile, or the queue is full
        pygame.event.post(pygame.event.Event(pygame.USEREVENT))


class Window:
    """The loop.

    Args:
        screen: the window's surface.
        control: carries out what the person does.
        debug: show frame rate and reading time.
    """

    def __init__(self, screen: pygame.Surface, control: Control, debug: bool = False) -> None:
        self.control = control
        self.view = View(screen, control.session.scale)
        control.label_at = self.view.label_at
        self._clock = pygame.time.Clock()
        self._debug = debug
        self._held: set[int] = set()
        self._handlers: dict[int, Callable[[pygame.event.Event], None]] = {
            pygame.QUIT: lambda e: control.close(),
            pygame.MOUSEBUTTONDOWN: self._on_down,
            pygame.MOUSEMOTION: self._on_motion,
            pygame.MOUSEBUTTONUP: self._on_up,
            pygame.MOUSEWHEEL: lambda e: control.wheel(e.y),
            pygame.FINGERDOWN: lambda e: control.press(_finger(e), self._spot(e)),
            pygame.FINGERMOTION: lambda e: control.move(_finger(e), self._spot(e)),
            pygame.FINGERUP: lambda e: control.release(_finger(e), self._spot(e)),
            pygame.KEYDOWN: self._on_key,
            pygame.KEYUP: lambda e: self._held.discard(e.key),
            pygame.TEXTINPUT: lambda e: control.type(e.text),
            pygame.DROPFILE: lambda e: control.drop(Path(e.file)),
            pygame.VIDEORESIZE: self._on_resize,
            pygame.WINDOWLEAVE: lambda e: control.hover(None),
        }

    def loop(self) -> None:
        """Until the person leaves."""
        dirty = True
        while not self.control.finished or self.control.is_saving:
            # Nothing to draw: sleep until something happens, so that an open window costs no processor time.
            events = pygame.event.get() if dirty else [pygame.event.wait(1000), *pygame.event.get()]
            for event in events:
                self.handle(event)
            taken = self.control.take_answer()
            dirty = dirty or taken or any(e.type != pygame.NOEVENT for e in events)
            if dirty:
                self.draw()
                dirty = False
                self._clock.tick(FRAMES_PER_SECOND)

    def handle(self, event: pygame.event.Event) -> None:
        """Carry out one event."""
        if getattr(event, "touch", False) and event.type not in (
            pygame.FINGERDOWN,
            pygame.FINGERMOTION,
            pygame.FINGERUP,
        ):
            return  # a mouse event that SDL made up for a finger, whose own event arrives too
        handler = self._handlers.get(event.type)
        if handler is not None:
            handler(event)

    def draw(self) -> None:
        """Show the present state."""
        self.view.draw(self.control.session, self.control.pointer, self.control.prompt, self._note())
        pygame.display.flip()

    def _note(self) -> str:
        session = self.control.session
        note = "Manual: Enter reads" if session.manual else "Live"
        if self._debug and session.answer is not None:
            note = f"{self._clock.get_fps():.0f} fps, read in {session.answer.seconds * 1000:.1f} ms"
        return note

    def _spot(self, event: pygame.event.Event) -> tuple[float, float]:
        """Where a finger is: SDL gives shares of the window."""
        width, height = self.control.session.window
        return event.x * width, event.y * height

    def _on_key(self, event: pygame.event.Event) -> None:
        """A key that is held comes again and again: good for undo and typing, bad for Ctrl+S and switches."""
        key, again = key_of(event), event.key in self._held
        self._held.add(event.key)
        if not again or self.control.prompt is not None or action_for(key) in REPEATABLE:
            self.control.key(key)

    def _on_down(self, event: pygame.event.Event) -> None:
        if event.button == pygame.BUTTON_LEFT:
            self.control.press("mouse", event.pos)
        elif event.button == pygame.BUTTON_MIDDLE:  # where tablet drivers put the pen's other end or its side button
            self.control.press("rubber", event.pos, erases=True)
        elif event.button == pygame.BUTTON_RIGHT:
            self.control.clear()

    def _on_motion(self, event: pygame.event.Event) -> None:
        for held, pointer in ((event.buttons[0], "mouse"), (event.buttons[1], "rubber")):
            if held:
                self.control.move(pointer, event.pos)
            else:
                self.control.lose(pointer, event.pos)  # its release went to another window
        self.control.hover(event.pos)

    def _on_up(self, event: pygame.event.Event) -> None:
        pointer = {pygame.BUTTON_LEFT: "mouse", pygame.BUTTON_MIDDLE: "rubber"}.get(event.button)
        if pointer is not None:
            self.control.release(pointer, event.pos)

    def _on_resize(self, event: pygame.event.Event) -> None:
        self.view.screen = pygame.display.get_surface()
        self.control.session.resize((event.w, event.h))


def _finger(event: pygame.event.Event) -> str:
    return f"finger-{event.touch_id}-{event.finger_id}"


def key_of(event: pygame.event.Event) -> Key:
    """The key of a KEYDOWN event."""
    name = pygame.key.name(event.key).lower()
    ctrl = bool(event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META))
    return Key(name, event.unicode, ctrl, bool(event.mod & pygame.KMOD_SHIFT))
