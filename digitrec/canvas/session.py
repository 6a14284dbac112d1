"""The state of the program between two events, and what each action does to it: pure, no window, no files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from digitrec.canvas.layout import Layout, Viewport, lay_out, picture_viewport, plain_viewport
from digitrec.canvas.marks import Correction, Mark, corrected_reading, mark_at, marks_of
from digitrec.canvas.render import reading_size
from digitrec.canvas.strokes import MAX_WIDTH, MIN_WIDTH, Drawing, History, Picture, Point, Size, Stroke
from digitrec.results import Box, Image, Reading

CLICK_REACH = 4.0
"""A press that moves less than this, in paper units, is a click."""

MARGIN = 12.0
"""Paper beyond the ink that stays visible when the window shrinks, units."""

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
class Session:
    """Everything the window shows.

    Args:
        window: (width, height), pixels.
        scale: of the interface.
        manual: read on Enter or Done only.
    """

    window: tuple[int, int]
    scale: float = 1.0
    manual: bool = False
    history: History = field(default_factory=History)
    erasing: bool = False
    pen_width: float = 12.0
    eraser_width: float = 36.0
    answer: Answer | None = None
    corrections: tuple[Correction, ...] = ()
    marks: tuple[Mark, ...] = ()
    focus: str | int | None = None  # a button's name, or a mark's number
    hovered: int | None = None
    status: str = ""
    help_open: bool = False
    saved: Drawing | None = None
    _live: dict[str, Stroke] = field(default_factory=dict)
    _needed: Size = (0.0, 0.0)  # of the plain paper, units: the ink that must stay visible
    _seen: Size = (0.0, 0.0)  # the most plain paper there ever was: ink beyond it was drawn over the edge

    def __post_init__(self) -> None:
        self.resize(self.window)

    # -- the paper ---------------------------------------------------------------------------------------------

    @property
    def drawing(self) -> Drawing:
        """The committed drawing."""
        return self.history.now

    @property
    def live(self) -> tuple[Stroke, ...]:
        """Strokes whose pointer is still down."""
        return tuple(self._live.values())

    @property
    def layout(self) -> Layout:
        """Where everything is."""
        return lay_out(self.window, self.scale)

    def is_drawing(self, pointer: str) -> bool:
        """Whether a pointer is down on the paper."""
        return pointer in self._live

    @property
    def viewport(self) -> Viewport:
        """Where the paper is."""
        area = self.layout.paper
        if self.drawing.picture is not None:
            return picture_viewport(area, self.drawing.picture.size)
        return plain_viewport(area, self.scale, self._needed)

    @property
    def paper(self) -> Size:
        """(width, height) of the paper, units."""
        picture = self.drawing.picture
        return picture.size if picture is not None else self.viewport.paper

    @property
    def is_stale(self) -> bool:
        """The drawing is not the one that was read."""
        return self.answer is None or self.answer.drawing is not self.drawing

    @property
    def has_unsaved_ink(self) -> bool:
        """Leaving would lose something."""
        return bool(self.drawing.strokes) and self.saved is not self.drawing

    def resize(self, window: tuple[int, int]) -> None:
        """The window has another size; ink that was visible stays visible."""
        self.window = window
        self._fit()

    def _fit(self) -> None:
        """Zoom out as far as the ink needs, and no further."""
        extent = Drawing(self.drawing.strokes).extent()
        self._needed = min(extent[0] + MARGIN, self._seen[0]), min(extent[1] + MARGIN, self._seen[1])
        paper = plain_viewport(self.layout.paper, self.scale, self._needed).paper
        self._seen = max(self._seen[0], paper[0]), max(self._seen[1], paper[1])

    # -- drawing -----------------------------------------------------------------------------------------------

    @property
    def width(self) -> float:
        """The present tool's width, paper units."""
        return self.eraser_width if self.erasing else self.pen_width

    def change_width(self, steps: int) -> None:
        """Thicker by ``steps`` steps, thinner where negative: about a sixth each, at least one unit."""
        width = self.width
        for _ in range(abs(steps)):
            width = max(width + 1, width * 1.16) if steps > 0 else min(width - 1, width / 1.16)
        width = float(round(min(MAX_WIDTH, max(MIN_WIDTH, width))))
        if self.erasing:
            self.eraser_width = width
        else:
            self.pen_width = width

    def press(self, pointer: str, at: Point, erases: bool | None = None) -> None:
        """A pointer touches the paper at a paper point and starts a stroke.

        Args:
            pointer: which one: several fingers can draw at once.
            at: paper units.
            erases: None: as the tool says.
        """
        rubs = self.erasing if erases is None else erases
        self._live[pointer] = Stroke((at,), self.eraser_width if rubs else self.pen_width, rubs)
        self.focus = None

    def drag(self, pointer: str, to: Point) -> None:
        """A pointer that is down has moved; outside the paper it is held just beyond the edge."""
        stroke = self._live.get(pointer)
        if stroke is None:
            return
        width, height = self.paper
        slack = stroke.width / 2 + 1
        point = min(max(to[0], -slack), width + slack), min(max(to[1], -slack), height + slack)
        if point != stroke.points[-1]:
            self._live[pointer] = replace(stroke, points=(*stroke.points, point))

    def release(self, pointer: str, label: int | None = None) -> int | None:
        """A pointer leaves the paper.

        Args:
            pointer: which one.
            label: the mark whose label is under it, or None.

        Returns:
            The mark that was clicked, which draws nothing; None where the stroke was drawn.
        """
        stroke = self._live.pop(pointer, None)
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

    def cancel_strokes(self) -> None:
        """Forget what is being drawn (the window lost the pointer)."""
        self._live.clear()

    # -- actions -----------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """One step back."""
        self._moved("undo", self.history.undo())

    def redo(self) -> None:
        """One step forward again."""
        self._moved("redo", self.history.redo())

    def _moved(self, what: str, happened: bool) -> None:
        self._live.clear()
        self.focus = self.focus if isinstance(self.focus, str) else None
        self.status = "" if happened else f"Nothing to {what}."
        if self.drawing.is_blank:
            self._forget_answer()
        self._fit()

    def clear(self) -> None:
        """An empty paper, one undo step away from the full one."""
        self._live.clear()
        if self.drawing.is_blank:
            return
        self.history.change(Drawing())
        self._forget_answer()
        self._fit()
        self.status = "Cleared. Ctrl+Z brings it back."

    def show(self, drawing: Drawing, paper: Size | None = None) -> None:
        """Another drawing takes the place of this one (a saved one was opened), one undo step away."""
        self._live.clear()
        self.history.change(drawing)
        self._forget_answer()
        if paper is not None:
            self._seen = max(self._seen[0], paper[0]), max(self._seen[1], paper[1])
        self._fit()

    def show_picture(self, image: Image, name: str) -> None:
        """Put a uint8 (H, W, 3) BGR picture on the canvas as its paper."""
        area = self.layout.paper
        width, height = area.width / self.scale, area.height / self.scale
        scale = min(MAX_PICTURE_ZOOM, width / image.shape[1], height / image.shape[0])
        self.show(Drawing((), Picture(image, name, scale)))

    def _forget_answer(self) -> None:
        self.answer, self.corrections, self.marks = None, (), ()
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
        return self.marks[-1]

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

    def picture_size(self) -> tuple[int, int, float]:
        """(width, height, pixels a unit) of the picture to read now."""
        return reading_size(self.drawing, self.paper)
