"""What the window says, in words: pure."""

from __future__ import annotations

from digitrec.canvas.marks import Kind, Mark
from digitrec.canvas.session import Session
from digitrec.results import NOT_A_DIGIT


def number_lines(session: Session) -> list[str]:
    """The numbers to show, in reading order."""
    reading = session.reading
    return [number.text for number in reading.numbers] if reading is not None else []


def why_nothing(session: Session) -> str:
    """Why there is no number."""
    if session.drawing.is_blank or session.answer is None:
        if session.manual and not session.drawing.is_blank:
            return "Press Enter or Done to read."
        return "Nothing drawn yet." if session.drawing.is_blank else ""
    reading = session.answer.reading
    if reading.hint is not None:
        detail = f" ({reading.hint_detail})" if reading.hint_detail else ""
        text = reading.hint.value + detail
        return text[0].upper() + text[1:] + "."
    return "No digit found."


def percent(p: float, places: int = 0) -> str:
    """A probability for people: rounded down, since nothing that was read is 100 % sure."""
    steps = 10**places
    return f"{min(int(p * 100 * steps), 100 * steps - 1) / steps:.{places}f}%"


def verdict(mark: Mark) -> tuple[str, str]:
    """(the digit or a question mark, what is said about it)."""
    if mark.kind is Kind.REJECTED:
        return "?", f"Not answered: {mark.reason}" if mark.reason else "Not answered"
    if mark.kind is Kind.CORRECTED:
        said = "not a digit" if mark.predicted == NOT_A_DIGIT else str(mark.predicted)
        agreed = mark.predicted == mark.digit
        return str(mark.digit), "You confirmed it" if agreed else f"You corrected it, the network said {said}"
    return str(mark.digit), f"{percent(mark.confidence, 1)} sure"


def default_status(session: Session) -> str:
    """The line shown while there is nothing else to say."""
    if isinstance(session.focus, int):
        return "Type the right digit to correct this one."
    if session.manual and session.is_stale and not session.drawing.is_blank:
        return "Press Enter or Done to read."
    if session.marks:
        return "Click a digit to correct it. Right click clears. H: all keys"
    return "Draw with the left button. Right click clears. H: all keys"
