"""The keyboard: one table from which both the bindings and the help page come, so that neither can be stale."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Action(Enum):
    """What a key, a button or a menu can ask for."""

    UNDO = "undo"
    REDO = "redo"
    ERASER = "eraser"
    THINNER = "thinner"
    THICKER = "thicker"
    CLEAR = "clear"
    DONE = "done"
    SAVE = "save"
    HELP = "help"
    OPEN = "open"
    PASTE = "paste"
    FOCUS_NEXT = "focus next"
    FOCUS_BACK = "focus back"
    ACTIVATE = "activate"
    CANCEL = "cancel"
    QUIT = "quit"


REPEATABLE = frozenset({Action.UNDO, Action.REDO, Action.THINNER, Action.THICKER, Action.FOCUS_NEXT, Action.FOCUS_BACK})
"""Actions that a key repeats while it is held down."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as the window reports it.

    Attributes:
        name: the key's own name in lower case ("z", "return", "tab").
        text: the character it types, which depends on the keyboard's layout ("[", "7"); empty for none.
        ctrl: Ctrl, or Command on a Mac.
        shift: Shift.
    """

    name: str
    text: str = ""
    ctrl: bool = False
    shift: bool = False


HELP = (
    ("Left button, pen, finger", "draw"),
    ("Right click", "clear"),
    ("Middle button, pen's other end", "erase while held"),
    ("Wheel, [ and ]", "brush size"),
    ("E", "eraser on and off"),
    ("Ctrl+Z", "undo"),
    ("Ctrl+Y, Ctrl+Shift+Z", "redo"),
    ("Enter", "read now (Done)"),
    ("Click a digit, type the right one", "correct it"),
    ("Ctrl+S", "save picture and reading"),
    ("Ctrl+O, drop a file", "read a picture or a saved drawing"),
    ("Ctrl+V", "paste a picture"),
    ("Delete", "clear"),
    ("Tab, Shift+Tab", "next button or digit"),
    ("Space, Enter", "press the button in focus"),
    ("H", "this help"),
    ("Esc, Q", "leave"),
)
"""(keys, what they do), for the help page."""

_WITH_CTRL = {
    "z": Action.UNDO,
    "y": Action.REDO,
    "s": Action.SAVE,
    "o": Action.OPEN,
    "v": Action.PASTE,
    "q": Action.QUIT,
}
_PLAIN = {
    "tab": Action.FOCUS_NEXT,
    "return": Action.DONE,
    "enter": Action.DONE,
    "keypad enter": Action.DONE,
    "space": Action.ACTIVATE,
    "escape": Action.CANCEL,
    "delete": Action.CLEAR,
    "e": Action.ERASER,
    "h": Action.HELP,
    "f1": Action.HELP,
    "q": Action.QUIT,
}
_TYPED = {"[": Action.THINNER, "]": Action.THICKER, "?": Action.HELP}


def action_for(key: Key) -> Action | None:
    """The action of a key press; None for a key without one (digits are not actions: they correct a reading)."""
    if key.ctrl:
        if key.name == "z" and key.shift:
            return Action.REDO
        return _WITH_CTRL.get(key.name)
    if key.name == "tab" and key.shift:
        return Action.FOCUS_BACK
    # By the character first: [ and ] sit on other keys, or behind AltGr, on most keyboards that are not American.
    return _TYPED.get(key.text) or _TYPED.get(key.name) or _PLAIN.get(key.name)


def digit_for(key: Key) -> int | None:
    """The digit that a key types, on the keypad too."""
    return int(key.text) if len(key.text) == 1 and key.text in "0123456789" and not key.ctrl else None
