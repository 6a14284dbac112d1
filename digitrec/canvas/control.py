"""What the person does -> what happens to the session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from digitrec.canvas import clipboard, keys
from digitrec.canvas.files import Files
from digitrec.canvas.keys import Action, Key
from digitrec.canvas.prompt import PathPrompt
from digitrec.canvas.reader import Reader
from digitrec.canvas.session import Session
from digitrec.canvas.strokes import Drawing
from digitrec.errors import DigitrecError

Spot = tuple[float, float]
"""A place in the window, pixels."""


class Control:
    """Carries out what the person does.

    Args:
        session: what is shown.
        reader: reads drawings in the background.
        files: opens, saves and collects.
    """

    def __init__(self, session: Session, reader: Reader, files: Files) -> None:
        self.session = session
        self.reader = reader
        self.files = files
        self.prompt: PathPrompt | None = None
        self.pointer: tuple[int, int] | None = None
        self.finished = False
        self.label_at: Callable[[float, float], int | None] = lambda x, y: None
        self._armed: dict[str, str] = {}  # pointer -> the button it went down on
        self._asked: Drawing | None = None
        self._save_next = False
        self._quit_asked: Drawing | None = None  # which would be lost
        self._actions: dict[Action, Callable[[], None]] = {
            Action.UNDO: session.undo,
            Action.REDO: session.redo,
            Action.ERASER: self._toggle_eraser,
            Action.THINNER: lambda: session.change_width(-1),
            Action.THICKER: lambda: session.change_width(1),
            Action.CLEAR: session.clear,
            Action.DONE: self.read_now,
            Action.SAVE: self._save,
            Action.HELP: self._toggle_help,
            Action.OPEN: self._open_prompt,
            Action.PASTE: self.files.paste,
            Action.FOCUS_NEXT: lambda: session.move_focus(1),
            Action.FOCUS_BACK: lambda: session.move_focus(-1),
            Action.ACTIVATE: self._activate,
            Action.CANCEL: self._cancel,
            Action.QUIT: self._quit,
        }

    # -- pointers: the mouse and every finger ------------------------------------------------------------------

    def press(self, pointer: str, at: Spot, erases: bool | None = None) -> None:
        """A pointer goes down."""
        session = self.session
        if session.help_open:
            session.help_open = False
        elif self.prompt is None:
            button = session.layout.button_at(*at)
            if button is not None:
                self._armed[pointer] = button
            elif session.viewport.area.holds(*at):
                session.press(pointer, session.viewport.to_paper(*at), erases)

    def move(self, pointer: str, to: Spot) -> None:
        """A pointer moves, down or not."""
        self.session.drag(pointer, self.session.viewport.to_paper(*to))

    def hover(self, at: tuple[int, int] | None) -> None:
        """The mouse is at a place in the window, or left it."""
        self.pointer = at
        session = self.session
        over = at is not None and session.viewport.area.holds(*at)
        session.hover(session.viewport.to_paper(*at) if at is not None and over else None)

    def release(self, pointer: str, at: Spot) -> None:
        """A pointer goes up."""
        button = self._armed.pop(pointer, None)
        if button is not None:
            if self.session.layout.button_at(*at) == button:
                self.do(Action(button))
            return
        self.session.release(pointer, self.label_at(*at))
        self.changed()

    def lose(self, pointer: str, at: Spot) -> None:
        """A pointer is seen to be up although its release was never reported."""
        if self._armed.pop(pointer, None) is None and self.session.is_drawing(pointer):
            self.release(pointer, at)

    def clear(self) -> None:
        """The right button."""
        if self.prompt is None:
            self.do(Action.CLEAR)

    def wheel(self, steps: int) -> None:
        """The wheel turns: away from the person is thicker."""
        if self.prompt is None and not self.session.help_open:
            self.session.change_width(steps)

    # -- keys --------------------------------------------------------------------------------------------------

    def key(self, key: Key) -> None:
        """A key goes down."""
        if self.prompt is not None:
            self._prompt_key(self.prompt, key)
            return
        digit = keys.digit_for(key)
        if digit is not None:
            self._try(lambda: self.files.correct(digit))
            return
        action = keys.action_for(key)
        if action is Action.DONE and isinstance(self.session.focus, str):
            action = Action.ACTIVATE
        if action is not None:
            self.do(action)

    def type(self, text: str) -> None:
        """Text arrives for the prompt."""
        if self.prompt is not None:
            self.prompt.type(text)

    def _prompt_key(self, prompt: PathPrompt, key: Key) -> None:
        if key.name == "escape":
            self.prompt = None
        elif key.name == "tab":
            prompt.complete()
        elif key.name == "backspace":
            prompt.rub_out(word=key.ctrl)
        elif key.ctrl and key.name == "v":
            prompt.type(clipboard.pasted_text())
        elif key.name in {"return", "enter", "keypad enter"} and prompt.text.strip():
            try:
                self.files.open(prompt.path)
                self.prompt = None
            except DigitrecError as error:
                prompt.error = error.message
            self.changed()

    # -- actions -----------------------------------------------------------------------------------------------

    def do(self, action: Action) -> None:
        """Carry out what a key or a button asks for."""
        if action is not Action.QUIT and action is not Action.CANCEL:
            self._quit_asked = None
        if self.session.help_open and action is not Action.HELP:
            self.session.help_open = False
            if action in {Action.CANCEL, Action.DONE, Action.ACTIVATE}:
                return
        self._try(self._actions[action])

    def _toggle_eraser(self) -> None:
        self.session.erasing = not self.session.erasing

    def _toggle_help(self) -> None:
        self.session.help_open = not self.session.help_open

    def _open_prompt(self) -> None:
        self.session.cancel_strokes()
        self.prompt = PathPrompt()

    def _activate(self) -> None:
        if isinstance(self.session.focus, str):
            self.do(Action(self.session.focus))

    def _cancel(self) -> None:
        if self.session.focus is not None:
            self.session.focus = None
        else:
            self._quit()

    def _quit(self) -> None:
        if self.session.has_unsaved_ink and self._quit_asked is not self.session.drawing:
            self._quit_asked = self.session.drawing
            self.session.status = "Not saved. Again to leave all the same, Ctrl+S to save."
            return
        self.finished = True

    def close(self) -> None:
        """The window is to be closed: by its button, or as the person logs out."""
        self.prompt = None
        self.session.help_open = False
        self._quit()

    def drop(self, path: Path) -> None:
        """A file was dropped on the window."""
        self.prompt = None
        self._try(lambda: self.files.open(path))

    def _save(self) -> None:
        """Save once the drawing has been read: the reading that is saved is that of the picture that is saved."""
        self._save_next = self.session.is_stale and not self.session.drawing.is_blank
        if self._save_next:
            self.read_now()
        else:
            self.files.save()

    def _try(self, action: Callable[[], None]) -> None:
        """Carry out ``action``; what goes wrong with files is said in the status line."""
        try:
            action()
        except DigitrecError as error:
            self.session.status = error.message
        self.changed()

    @property
    def is_saving(self) -> bool:
        """A drawing waits for its reading to be saved with."""
        return self._save_next and self.reader.is_busy

    # -- reading -----------------------------------------------------------------------------------------------

    def read_now(self) -> None:
        """Read the drawing as it is."""
        if not self.session.drawing.is_blank:
            self._asked = self.session.drawing
            self.reader.request(self.session.drawing, self.session.paper)

    def changed(self) -> None:
        """Ask for a reading where the drawing is another one; with ``manual`` only where one is being saved."""
        self._save_next = self._save_next and not self.session.drawing.is_blank
        if not self.session.manual or self._save_next:
            if self._asked is not self.session.drawing and self.session.is_stale:
                self.read_now()
            self._asked = self.session.drawing

    def take_answer(self) -> bool:
        """Show the reading that has arrived; False where there is none.

        Raises:
            Exception: what the recognizer raised.
        """
        answer = self.reader.take()
        if answer is None:
            return False
        self.session.take(answer)
        self.hover(self.pointer)
        if self._save_next and not self.session.is_stale:
            self._save_next = False
            self._try(self.files.save)
        if self.session.is_stale and not self.session.manual and not self.reader.is_busy:
            self.read_now()  # the drawing went back to one whose reading had been overtaken
        return True
