"""Random scenes as various as the paper that people hold to a camera."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from digitrec.training.scenes.paper import blend
from digitrec.training.scenes.spec import (
    CameraSpec,
    ClutterSpec,
    Color,
    Guide,
    InkSpec,
    LayoutSpec,
    PaperKind,
    PaperSpec,
    SceneSpec,
    Tool,
)

Rng = np.random.Generator

_PAPERS: dict[PaperKind, float] = {
    "plain": 0.34, "ruled": 0.15, "squared": 0.15, "dotted": 0.03, "security": 0.12, "kraft": 0.04,
    "whiteboard": 0.06, "blackboard": 0.08, "print": 0.03,
}  # fmt: skip
_DARK_INKS: tuple[Color, ...] = ((35, 30, 28), (60, 50, 45), (120, 60, 25), (150, 45, 20), (110, 40, 60))
_MARKERS: tuple[Color, ...] = (
    (30, 25, 25), (40, 30, 200), (60, 60, 220), (160, 60, 20), (200, 90, 30), (60, 130, 30), (90, 160, 40),
    (30, 120, 240), (150, 40, 130), (40, 70, 120),
)  # fmt: skip
_CHALKS: tuple[Color, ...] = ((235, 238, 240), (235, 238, 240), (120, 225, 245), (200, 190, 250), (235, 220, 170))
_BOARDS: tuple[Color, ...] = ((48, 62, 44), (60, 72, 52), (38, 38, 38), (52, 50, 48), (78, 66, 50))
_DESKS: tuple[Color, ...] = ((52, 74, 104), (30, 26, 40), (90, 130, 170), (60, 60, 62), (150, 165, 175), (40, 44, 90))


def random_spec(rng: Rng, size: tuple[int, int] | None = None) -> SceneSpec:
    """A scene drawn from all that is expected: any paper, tool, hand, clutter, light and camera.

    Args:
        rng: where all choices come from.
        size: (width, height) of the picture; None: one of the usual ones.
    """
    if size is None and rng.random() < 0.15:
        return strip_spec(rng)
    if size is None:
        size = ((640, 480), (1280, 720), (960, 720), (960, 1280), (1280, 960))[int(rng.integers(5))]
    if rng.random() < 0.08:
        return SceneSpec(size, camera=_camera(rng, 60, InkSpec()), desk=_pick(rng, _DESKS), messy=True)
    kind = _choose(rng, _PAPERS)
    height_px = _height(rng, size)
    paper = _paper(rng, kind, height_px)
    on_desk = kind not in ("blackboard", "whiteboard") and rng.random() < 0.2
    sheet = (float(rng.uniform(0.55, 0.95)), float(rng.uniform(0.6, 0.98))) if on_desk else None
    if sheet is not None:
        height_px *= 0.8
    ink = _ink(rng, kind, height_px)
    layout = _layout(rng, kind, height_px)
    if layout.on_rules and kind == "ruled":  # every line or every second
        layout = replace(layout, line_gap=paper.pitch_px * int(rng.integers(1, 3)) / height_px)
    return SceneSpec(
        size=size,
        paper=paper,
        ink=ink,
        layout=layout,
        clutter=_clutter(rng, kind),
        camera=_camera(rng, height_px, ink),
        sheet=sheet,
        desk=_pick(rng, _DESKS),
    )


def strip_spec(rng: Rng) -> SceneSpec:
    """A single number cut closely out of a form or a cheque, small and mostly grey."""
    height_px = float(rng.uniform(18, 44))
    text = "".join(str(d) for d in rng.integers(0, 10, int(rng.integers(2, 7))))
    if len(text) > 2 and rng.random() < 0.3:  # amounts are round
        round_to = int(rng.integers(2, min(4, len(text))))
        text = text[:-round_to] + "0" * round_to
    if len(text) > 3 and rng.random() < 0.5:
        text = text[:-3] + "." + text[-3:]
    if rng.random() < 0.25:
        text += str(rng.choice(["-", "=", ".-", "."]))
    wide, tall = 1.0 * len(text) * height_px + rng.uniform(10, 50), height_px * rng.uniform(1.12, 1.8)
    paper = _paper(rng, "security" if rng.random() < 0.8 else "plain", height_px)
    grey = round(float(rng.uniform(130, 235)))
    ink = _ink(rng, "security", height_px)
    guide: Guide = "underline" if rng.random() < 0.35 else "none"
    camera = _camera(rng, height_px, ink)
    grey_camera = replace(camera, tilt_deg=float(rng.normal(0, 2)), perspective=0.0, shadow=0.0, cast=(1.0, 1.0, 1.0))
    lines = blend((60, 60, 60), (grey, grey, grey), float(rng.uniform(0.08, 0.38)))
    layout = replace(_layout(rng, "security", height_px), lines=((text,),), scatter=False, guide=guide)
    if rng.random() < 0.25:  # wide and low
        layout = replace(layout, aspect=float(np.exp(rng.normal(0.25, 0.2))))
    return SceneSpec(
        size=(max(48, round(wide)), max(32, round(tall))),
        paper=replace(paper, color=(grey, grey, grey), line_color=lines),
        ink=replace(ink, color=(40, 40, 40), contrast=max(0.5, ink.contrast)),
        layout=layout,
        camera=grey_camera,
    )


def _choose(rng: Rng, weights: dict[PaperKind, float]) -> PaperKind:
    kinds = list(weights)
    p = np.array(list(weights.values()))
    return kinds[int(rng.choice(len(kinds), p=p / p.sum()))]


def _pick(rng: Rng, colors: tuple[Color, ...]) -> Color:
    return blend(tuple(int(v) for v in rng.integers(0, 256, 3)), colors[int(rng.integers(len(colors)))], 0.06)  # type: ignore[arg-type]


def _height(rng: Rng, size: tuple[int, int]) -> float:
    """Digit height: most between 20 and 120 px, some tiny, some nearly as tall as the frame."""
    kind = rng.random()
    if kind < 0.12:
        return float(rng.uniform(13, 22))
    if kind < 0.9:
        return float(np.exp(rng.uniform(np.log(20), np.log(150))))
    return float(rng.uniform(0.3, 0.88)) * min(size)


def _paper(rng: Rng, kind: PaperKind, height_px: float) -> PaperSpec:
    white = float(rng.uniform(195, 250))
    warm = float(rng.normal(0, 5))
    color = (round(min(255, white - warm - 3)), round(white), round(min(255, white + warm)))
    if kind == "kraft":
        color = (round(white * 0.55), round(white * 0.72), round(white * 0.85))
    elif kind == "blackboard":
        color = _pick(rng, _BOARDS)
    elif kind == "security":
        color = tuple(int(white * v) for v in rng.uniform(0.86, 1, 3))  # type: ignore[assignment]
    elif rng.random() < 0.06:  # a coloured sheet or a sticky note
        color = tuple(int(v) for v in rng.uniform(120, 250, 3))  # type: ignore[assignment]
    tint: Color = ((200, 150, 90), (170, 170, 170), (150, 130, 215), (150, 190, 120))[int(rng.integers(4))]
    share = float(rng.uniform(0.25, 1.0)) if kind != "security" else float(rng.uniform(0.08, 0.5))
    if kind == "security" and rng.random() < 0.7:
        tint = (90, 90, 90)
    pitch = height_px * float(rng.uniform(1.1, 2.2))
    if kind in ("squared", "dotted"):
        pitch = height_px * float(rng.uniform(0.45, 1.6))
    elif kind == "security":
        pitch = float(np.clip(height_px * rng.uniform(0.07, 0.4), 3, 30))
    return PaperSpec(
        kind=kind,
        color=color,
        grain=float(rng.uniform(0.4, 3.5)),
        line_color=blend(tint, color, share),
        line_px=1 if height_px < 70 else int(rng.integers(1, 2 + int(height_px / 60))),
        phase=float(rng.uniform(0.2, 1)),
        pitch_px=max(pitch, 3.0 if kind == "security" else 9.0),
        show_through=float(rng.uniform(0.1, 0.8)) if kind == "plain" and rng.random() < 0.2 else 0.0,
        wrinkles=float(rng.uniform(0.1, 0.8)) if rng.random() < 0.12 else 0.0,
    )


def _ink(rng: Rng, kind: PaperKind, height_px: float) -> InkSpec:
    tools: tuple[Tool, ...] = ("pen", "pen", "ballpoint", "ballpoint", "pencil", "marker", "marker", "brush")
    tool: Tool = tools[int(rng.integers(len(tools)))]
    if kind == "blackboard":
        tool = "chalk"
    elif kind == "whiteboard":
        tool = "marker"
    low, high = {"pencil": (0.04, 0.09), "marker": (0.1, 0.24), "brush": (0.12, 0.24), "chalk": (0.06, 0.15)}.get(
        tool, (0.045, 0.13)
    )
    stroke = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    color = _pick(rng, _DARK_INKS)
    contrast = float(rng.uniform(0.55, 0.98))
    if tool in ("marker", "brush"):
        color = _pick(rng, _MARKERS)
        contrast = float(rng.uniform(0.7, 0.98))
    elif tool == "pencil":
        color, contrast = (65, 62, 60), float(rng.uniform(0.25, 0.85))
    elif tool == "chalk":
        color, contrast = _pick(rng, _CHALKS), float(rng.uniform(0.5, 0.98))
    stroke = max(stroke, 1.4 / height_px)
    if stroke * height_px < 2.2:  # finer or fainter than this no camera resolves
        contrast = max(contrast, 0.65)
    again = int(rng.integers(2, 5)) if tool in ("pen", "pencil") and height_px > 60 and rng.random() < 0.12 else 1
    return InkSpec(tool, color, contrast, stroke, float(rng.uniform(0.1, 0.9)), again)


def _layout(rng: Rng, kind: PaperKind, height_px: float) -> LayoutSpec:
    touching = rng.random() < 0.35
    guides: tuple[Guide, ...] = ("cells", "frame", "underline")
    guide: Guide = guides[int(rng.integers(3))] if rng.random() < 0.12 and kind != "blackboard" else "none"
    return LayoutSpec(
        height_px=height_px,
        height_jitter=float(rng.uniform(0.02, 0.12)),
        max_digits=int(rng.integers(2, 40)) if height_px < 60 else int(rng.integers(1, 16)),
        gap=float(rng.uniform(-0.08, 0.03)) if touching else float(rng.uniform(0.08, 0.4)),
        gap_jitter=float(rng.uniform(0.02, 0.09)),
        word_gap=float(rng.uniform(1.2, 2.6)),
        line_gap=float(rng.uniform(1.4, 2.4)),
        baseline_jitter=float(rng.uniform(0.01, 0.08)),
        slant=float(rng.normal(0.05, 0.18)),
        rotate_deg=float(rng.uniform(0, 6)),
        aspect=float(np.exp(rng.normal(0, 0.12))),
        on_rules=rng.random() < 0.6,
        scatter=rng.random() < 0.15,
        guide=guide,
    )


def _clutter(rng: Rng, kind: PaperKind) -> ClutterSpec:
    def some(chance: float, most: int) -> int:
        return int(rng.integers(1, most + 1)) if rng.random() < chance else 0

    return ClutterSpec(
        glyphs=some(0.45, 14),
        doodles=some(0.35, 6),
        crossings=some(0.1, 2),
        specks=some(0.25, 60),
        pens=some(0.1, 1),
        fingers=some(0.1, 2),
        stains=some(0.05, 1),
        print_lines=some(0.9 if kind == "print" else 0.08, 10),
    )


def _camera(rng: Rng, height_px: float, ink: InkSpec) -> CameraSpec:
    stroke_px = ink.stroke * height_px
    dim = rng.random() < 0.1
    exposure = float(rng.uniform(0.3, 0.6)) if dim else float(rng.uniform(0.8, 1.3))
    blurred = rng.random() < 0.2  # up to as wide as the stroke: a person still reads it
    moving = rng.random() < 0.12
    cast = np.exp(rng.normal(0, 0.035, 3))
    noise = float(rng.uniform(0.3, 4) if rng.random() < 0.85 else rng.uniform(4, 11)) * (1.3 if dim else 1.0)
    return CameraSpec(
        tilt_deg=float(np.clip(rng.normal(0, 6) if rng.random() < 0.75 else rng.uniform(-30, 30), -30, 30)),
        perspective=float(abs(rng.normal(0, 0.04))),
        exposure=exposure,
        gamma=float(rng.uniform(0.85, 1.2)),
        cast=(float(cast[0]), float(cast[1]), float(cast[2])),
        gradient=float(min(0.7, abs(rng.normal(0, 0.28)))),
        gradient_deg=float(rng.uniform(0, 360)),
        vignette=float(min(0.6, abs(rng.normal(0, 0.2)))),
        shadow=float(rng.uniform(0.15, 0.65)) if rng.random() < 0.3 else 0.0,
        shadow_edge=float(np.exp(rng.uniform(np.log(0.004), np.log(0.3)))),
        glare=float(rng.uniform(0.1, 0.5)) if rng.random() < 0.06 else 0.0,
        defocus_px=float(min(0.5 * stroke_px, rng.uniform(0.8, 8))) if blurred else float(rng.uniform(0, 0.9)),
        motion_px=float(min(1.0 * stroke_px, rng.uniform(2, 14))) if moving else 0.0,
        motion_deg=float(rng.uniform(0, 180)),
        noise=min(noise, 0.09 * 255 * ink.contrast * exposure),
        noise_blur=float(rng.uniform(0, 1.2)),
        stretch=float(rng.uniform(0.3, 0.95)) if not dim and rng.random() < 0.1 else 0.0,
        sharpen=float(rng.uniform(0.2, 1.2)) if rng.random() < 0.3 else 0.0,
        jpeg=int(rng.integers(45, 97)) if rng.random() < 0.8 else 0,
    )
