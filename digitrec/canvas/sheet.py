"""The sheet of paper in its window, and the pens on it: pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from digitrec.canvas.layout import Layout, Viewport, fitting_scale, lay_out, picture_viewport, plain_viewport
from digitrec.canvas.strokes import MAX_WIDTH, MIN_WIDTH, Drawing, History, Point, Size, Stroke

MARGIN = 12.0
"""Paper beyond the ink that stays visible when the window shrinks, units."""


@dataclass
class Sheet:
    """A drawing with its history, shown in a window.

    Args:
        window: (width, height), pixels.
        scale: of the interface; less where the window has no room for it.
    """

    window: tuple[int, int]
    scale: float = 1.0
    history: History = field(default_factory=History)
    erasing: bool = False
    pen_width: float = 12.0
    eraser_width: float = 36.0
    _wanted_scale: float = field(default=1.0, init=False)
    _live: dict[str, Stroke] = field(default_factory=dict)
    _needed: Size = (0.0, 0.0)  # of the plain paper, units: the ink that must stay visible
    _seen: Size = (0.0, 0.0)  # the most plain paper there ever was: ink beyond it was drawn over the edge

    def __post_init__(self) -> None:
        self._wanted_scale = self.scale
        self.resize(self.window)

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
        """Where everything is in the window."""
        return lay_out(self.window, self.scale)

    @property
    def viewport(self) -> Viewport:
        """Where the paper is in the window."""
        if self.drawing.picture is not None:
            return picture_viewport(self.layout.paper, self.drawing.picture.size)
        return plain_viewport(self.layout.paper, self.scale, self._needed)

    @property
    def paper(self) -> Size:
        """(width, height) of the paper, units."""
        picture = self.drawing.picture
        return picture.size if picture is not None else self.viewport.paper

    def resize(self, window: tuple[int, int]) -> None:
        """The window has another size; ink that was visible stays visible, and so does the interface."""
        self.window = window
        self.scale = fitting_scale(self._wanted_scale, window)
        self.fit()

    def fit(self, paper: Size = (0.0, 0.0)) -> None:
        """Zoom out as far as the ink on a paper of ``paper`` units, or of all earlier ones, needs, and no further."""
        self._seen = max(self._seen[0], paper[0]), max(self._seen[1], paper[1])
        extent = Drawing(self.drawing.strokes).extent()
        self._needed = min(extent[0] + MARGIN, self._seen[0]), min(extent[1] + MARGIN, self._seen[1])
        shown = plain_viewport(self.layout.paper, self.scale, self._needed).paper
        self._seen = max(self._seen[0], shown[0]), max(self._seen[1], shown[1])

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

    def is_drawing(self, pointer: str) -> bool:
        """Whether a pointer is down on the paper."""
        return pointer in self._live

    def press(self, pointer: str, at: Point, erases: bool | None = None) -> None:
        """A pointer touches the paper and starts a stroke.

        Args:
            pointer: which one: several fingers can draw at once.
            at: paper units.
            erases: None: as the tool says.
        """
        rubs = self.erasing if erases is None else erases
        self._live[pointer] = Stroke((at,), self.eraser_width if rubs else self.pen_width, rubs)

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

    def lift(self, pointer: str) -> Stroke | None:
        """A pointer leaves the paper: its stroke, which is not part of the drawing yet."""
        return self._live.pop(pointer, None)

    def cancel_strokes(self) -> None:
        """Forget what is being drawn."""
        self._live.clear()
