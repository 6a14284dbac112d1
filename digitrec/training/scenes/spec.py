"""What a scene looks like, as frozen dataclasses: paper, ink, layout, clutter and camera."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Color = tuple[int, int, int]
"""B, G, R, each 0-255."""

PaperKind = Literal["plain", "ruled", "squared", "dotted", "security", "kraft", "whiteboard", "blackboard", "print"]
Tool = Literal["pen", "ballpoint", "pencil", "marker", "chalk", "brush"]
Guide = Literal["none", "cells", "frame", "underline"]


@dataclass(frozen=True, slots=True)
class PaperSpec:
    """The sheet that is written on.

    Attributes:
        kind: the ruling or material.
        color: of the bare sheet.
        grain: standard deviation of its fine texture, grey levels.
        line_color, line_px, pitch_px: of rules, squares or security print.
        phase: where the first rule lies, in pitches.
        show_through: strength of writing on the back, 0-1.
        wrinkles: depth of folds, 0-1.
    """

    kind: PaperKind = "plain"
    color: Color = (236, 240, 242)
    grain: float = 1.5
    line_color: Color = (214, 190, 160)
    line_px: int = 1
    pitch_px: float = 60.0
    phase: float = 0.6
    show_through: float = 0.0
    wrinkles: float = 0.0


@dataclass(frozen=True, slots=True)
class InkSpec:
    """The tool that writes.

    Attributes:
        tool: what it is; sets grain and edges.
        color: of the ink at full cover.
        contrast: cover of a stroke's middle, 0-1 (a faint pencil: 0.15).
        stroke: stroke width over digit height, about 0.03 (fine pen) to 0.25 (thick marker).
        pressure: how much width and cover vary along a stroke, 0-1.
        retrace: how often a stroke is gone over, 1 for once.
    """

    tool: Tool = "pen"
    color: Color = (40, 34, 30)
    contrast: float = 0.9
    stroke: float = 0.09
    pressure: float = 0.3
    retrace: int = 1


@dataclass(frozen=True, slots=True)
class LayoutSpec:
    """Where digits go.

    Attributes:
        height_px: of a digit, in page pixels (about frame pixels at zoom 1).
        height_jitter: relative standard deviation of the height of single digits.
        lines: the words of each line, in which ``?`` stands for a clutter glyph and ``. , - =`` for signs.
            Empty: random ones fill the page.
        max_digits: at most so many digits in random lines.
        gap, gap_jitter: space between the digits of a number over digit height (negative: they touch).
        word_gap: space between words over digit height.
        line_gap: baseline distance over digit height.
        baseline_jitter, slant, rotate_deg, aspect: of the writer's hand; slant is shear, aspect a width factor.
        on_rules: lines stand on the rules of ruled paper.
        scatter: numbers strewn about rather than set in lines.
        guide: printed cells, frames or underlines around numbers.
    """

    height_px: float = 60.0
    height_jitter: float = 0.05
    lines: tuple[tuple[str, ...], ...] = ()
    max_digits: int = 20
    gap: float = 0.22
    gap_jitter: float = 0.06
    word_gap: float = 1.6
    line_gap: float = 1.9
    baseline_jitter: float = 0.04
    slant: float = 0.0
    rotate_deg: float = 3.0
    aspect: float = 1.0
    on_rules: bool = False
    scatter: bool = False
    guide: Guide = "none"


@dataclass(frozen=True, slots=True)
class ClutterSpec:
    """What is no digit, as counts: handwritten letters and symbols, doodles, crossings-out, things lying about."""

    glyphs: int = 0
    doodles: int = 0
    crossings: int = 0
    specks: int = 0
    pens: int = 0
    fingers: int = 0
    stains: int = 0
    print_lines: int = 0


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """How the page is photographed.

    Attributes:
        tilt_deg: turn of the page in the picture.
        perspective: largest shift of a corner over the frame's height.
        zoom: frame pixels per page pixel.
        shift: of the page's centre from the frame's, over the frame's (width, height).
        exposure: gain of all channels; gamma of its tone curve is 1 / ``gamma``.
        cast: gains of B, G, R.
        gradient: light falls by so much from one side to the other, 0-1; ``gradient_deg`` its direction.
        vignette: darkening of the corners, 0-1.
        shadow: darkness of a cast shadow, 0-1; ``shadow_edge`` its penumbra over the frame's height.
        glare: strength of a bright reflection, 0-1.
        defocus_px, motion_px, motion_deg: blur.
        noise: standard deviation of sensor noise, grey levels; ``noise_blur`` its grain size, pixels.
        stretch: how far contrast is pulled up afterwards, as scanner apps do: 1 leaves nearly black and white.
        sharpen: strength of the halo of in-camera sharpening.
        jpeg: quality, 0 for none.
    """

    tilt_deg: float = 0.0
    perspective: float = 0.02
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    exposure: float = 0.92
    gamma: float = 1.0
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    gradient: float = 0.15
    gradient_deg: float = 30.0
    vignette: float = 0.1
    shadow: float = 0.0
    shadow_edge: float = 0.08
    glare: float = 0.0
    defocus_px: float = 0.6
    motion_px: float = 0.0
    motion_deg: float = 0.0
    noise: float = 2.0
    noise_blur: float = 0.6
    stretch: float = 0.0
    sharpen: float = 0.0
    jpeg: int = 90


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """A whole scene.

    Attributes:
        size: (width, height) of the picture, pixels.
        sheet: the sheet's (width, height) over the picture's where its edges and the desk are seen; None: it fills it.
        desk: colour of what lies beneath the sheet.
        messy: a desk full of things but without writing, instead of a page.
    """

    size: tuple[int, int] = (1280, 720)
    paper: PaperSpec = field(default_factory=PaperSpec)
    ink: InkSpec = field(default_factory=InkSpec)
    layout: LayoutSpec = field(default_factory=LayoutSpec)
    clutter: ClutterSpec = field(default_factory=ClutterSpec)
    camera: CameraSpec = field(default_factory=CameraSpec)
    sheet: tuple[float, float] | None = None
    desk: Color = (52, 74, 104)
    messy: bool = False
