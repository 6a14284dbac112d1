"""The state of the program between two events, and what each action does to it: pure, no window, no files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from digitrec.canvas.marks import Correction, Kind, Mark, corrected_reading, mark_at, marks_of
from digitrec.canvas.sheet import Sheet
from digitrec.canvas.strokes import Drawing, Picture, Point, Size
from digitrec.results import Box, Image, Reading

CLICK_REACH = 4.0
"""A press that moves less than this, in paper units, is a click."""

MAX_PICTURE_ZOOM = 4.0
"""Small pictures are shown up to this many times larger."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reading together with what it was read from.

    Attributes:
        drawing: what was read.
        paper: (width, height) of the paper then, units.
        image: the picture that was read, uint8 (H, W, 3) BGR.
        scale: its pixels a paper unit.
        reading: what was found, boxes in pixels of ``image``.
        seconds: rendering and reading took so long.
    """

    drawing: Drawing
    paper: Size
    image: Image = field(repr=False, compare=False)
    scale: float
    reading: Reading
    seconds: float = 0.0


@dataclass
class Session(Sheet):
    """Everything the window shows: the sheet, what was read on it, and where the person is.

    Args:
        window: (width, height), pixels.
        scale: of the interface; less where the window has no room for it.
        manual: read on Enter or Done only.
    """

    manual: bool = False
    answer: Answer | None = None
    corrections: tuple[Correction, ...] = ()
    marks: tuple[Mark, ...] = ()
    focus: str | int | None = None  # a button's name, or a mark's number
    hovered: int | None = None
    status: str = ""
    help_open: bool = False
    saved: Drawing | None = None
    _aside: list[tuple[Drawing, tuple[Correction, ...]]] = field(default_factory=list)  # of sheets that were left

    @property
    def is_stale(self) -> bool:
        """The drawing is not the one that was read."""
        return self.answer is None or self.answer.drawing is not self.drawing

    @property
    def has_unsaved_ink(self) -> bool:
        """Leaving would lose something."""
        return bool(self.drawing.strokes) and self.saved is not self.drawing

    def press(self, pointer: str, at: Point, erases: bool | None = None) -> None:
        """A pointer touches the paper: it starts a stroke and takes the focus away."""
        super().press(pointer, at, erases)
        self.focus = None

    def release(self, pointer: str, label: int | None = None) -> int | None:
        """A pointer leaves the paper.

        Args:
            pointer: which one.
            label: the mark whose label is under it, or None.

        Returns:
            The mark that was clicked, which draws nothing; None where the stroke was drawn.
        """
        stroke = self.lift(pointer)
        if stroke is None:
            return None
        left, top, right, bottom = stroke.bounds
        if max(right - left, bottom - top) < CLICK_REACH and not self.is_stale:
            clicked = label if label is not None else self.mark_at(stroke.points[0])
            if clicked is not None:
                self.focus = clicked
                return clicked
        self.history.change(self.drawing.add(stroke))
        self.status = ""
        return None

    # -- actions -----------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """One step back: what is being drawn is dropped, and else the last step is taken back."""
        if self.live:
            self.cancel_strokes()
            self.status = ""
        else:
            self._move("undo", self.history.undo)

    def redo(self) -> None:
        """One step forward again."""
        self._move("redo", self.history.redo)

    def _move(self, what: str, step: Callable[[], bool]) -> None:
        self.cancel_strokes()
        before, happened = self.drawing, step()
        self.focus = self.focus if isinstance(self.focus, str) else None
        self.status = "" if happened else f"Nothing to {what}."
        if happened and not _is_same_sheet(before, self.drawing):
            self._turn_from(before)
        self.fit()

    def clear(self) -> None:
        """An empty paper, one undo step away from the full one."""
        self.cancel_strokes()
        if self.drawing.is_blank:
            return
        before = self.drawing
        self.history.change(Drawing())
        self._turn_from(before)
        self.fit()
        self.status = "Cleared. Ctrl+Z brings it back."

    def show(self, drawing: Drawing, paper: Size | None = None, corrections: tuple[Correction, ...] = ()) -> None:
        """Another drawing takes the place of this one (a saved one was opened), one undo step away."""
        self.cancel_strokes()
        before = self.drawing
        self.history.change(drawing)
        self._turn_from(before)
        self.corrections = corrections
        self.fit(paper or (0.0, 0.0))

    def show_picture(self, image: Image, name: str) -> None:
        """Put a uint8 (H, W, 3) BGR picture on the canvas as its paper."""
        area = self.layout.paper
        width, height = area.width / self.scale, area.height / self.scale
        scale = min(MAX_PICTURE_ZOOM, width / image.shape[1], height / image.shape[0])
        self.show(Drawing((), Picture(image, name, scale)))

    def _turn_from(self, before: Drawing) -> None:
        """Another sheet took the place of ``before``: its reading is forgotten, its corrections wait for its return."""
        if self.corrections:
            self._aside.append((before, self.corrections))
        self.corrections = next((kept for drawing, kept in reversed(self._aside) if drawing is self.drawing), ())
        self.answer, self.marks = None, ()
        self.focus = self.focus if isinstance(self.focus, str) else None
        self.hovered = None

    # -- reading -----------------------------------------------------------------------------------------------

    def take(self, answer: Answer) -> None:
        """The reading of a drawing has arrived; that of one that was cleared meanwhile is dropped."""
        if self.drawing.is_blank or answer.drawing.picture is not self.drawing.picture:
            return
        focused = self.marks[self.focus].box if isinstance(self.focus, int) and self.focus < len(self.marks) else None
        self.answer = answer
        self.marks = marks_of(answer.reading, self.corrections)
        self.hovered = None
        if isinstance(self.focus, int):
            boxes = [m.box for m in self.marks]
            self.focus = boxes.index(focused) if focused in boxes else None

    @property
    def reading(self) -> Reading | None:
        """What is read, with the person's corrections."""
        return corrected_reading(self.answer.reading, self.corrections) if self.answer is not None else None

    @property
    def corrected(self) -> tuple[Correction, ...]:
        """The corrections that hold, as the glyphs are read now."""
        held = ((m, m.digit) for m in self.marks if m.kind is Kind.CORRECTED)
        return tuple(Correction(m.box, digit, m.crop) for m, digit in held if digit is not None)

    def mark_at(self, at: Point) -> int | None:
        """The mark at a paper point."""
        if self.answer is None:
            return None
        scale = self.answer.scale
        return mark_at(self.marks, at[0] * scale, at[1] * scale, 6 * scale)

    def hover(self, at: Point | None) -> None:
        """The pointer is over a paper point, or over none."""
        self.hovered = self.mark_at(at) if at is not None else None

    @property
    def shown_mark(self) -> Mark | None:
        """The glyph explained on the right: the one in focus, under the pointer, last drawn, or the last one."""
        for index in (self.focus, self.hovered):
            if isinstance(index, int) and index < len(self.marks):
                return self.marks[index]
        if self.answer is None or not self.marks:
            return None
        if self.answer.drawing.strokes:
            scale = self.answer.scale
            left, top, right, bottom = (v * scale for v in self.answer.drawing.strokes[-1].bounds)
            last = self.mark_at_center((left + right) / 2, (top + bottom) / 2)
            if last is not None:
                return self.marks[last]
        return next((m for m in reversed(self.marks) if m.digit is not None), self.marks[-1])

    def mark_at_center(self, x: float, y: float) -> int | None:
        """The mark at a pixel of the picture that was read."""
        return mark_at(self.marks, x, y)

    def correct(self, label: int) -> Mark | None:
        """The person says what the glyph in focus is.

        Returns:
            The mark as it was, to be kept for training; None where nothing is in focus.
        """
        if not isinstance(self.focus, int) or self.focus >= len(self.marks) or self.answer is None:
            return None
        mark = self.marks[self.focus]
        box = Box(*mark.box)
        self.corrections = (*(c for c in self.corrections if c.box != box), Correction(box, label, mark.crop))
        self.marks = marks_of(self.answer.reading, self.corrections)
        return mark

    # -- focus -------------------------------------------------------------------------------------------------

    def move_focus(self, step: int) -> None:
        """Tab and Shift+Tab: through the buttons, then the glyphs, then none."""
        stops: list[str | int | None] = [None, *self.layout.buttons, *range(len(self.marks))]
        here = stops.index(self.focus) if self.focus in stops else 0
        self.focus = stops[(here + step) % len(stops)]


def _is_same_sheet(a: Drawing, b: Drawing) -> bool:
    """One drawing is the other with more strokes: a glyph that was corrected on one is the same on the other."""
    if a.picture is not b.picture:
        return False
    return a.picture is not None or bool(a.strokes and b.strokes and a.strokes[0] is b.strokes[0])
