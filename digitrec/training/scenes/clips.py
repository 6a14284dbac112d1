"""Scenes that move: a hand-held page over time, with truth and stable identities in every frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from digitrec.results import Box, Image
from digitrec.training.scenes.bank import GlyphBank
from digitrec.training.scenes.camera import wobble
from digitrec.training.scenes.desk import messy_desk
from digitrec.training.scenes.marks import draw_finger
from digitrec.training.scenes.page import Page, write_page
from digitrec.training.scenes.render import Scene, Surroundings, TrueDigit, photograph, surround
from digitrec.training.scenes.spec import CameraSpec, LayoutSpec, SceneSpec

_NEW_PAGE_IDS = 1000
"""Digits and numbers of a second page count from here."""


@dataclass(frozen=True, slots=True)
class MotionSpec:
    """How an unsteady hand moves: the largest deviations.

    Attributes:
        shift: over the frame's height.
        tilt_deg, zoom: of the page's turn and of its size (relative).
        wobble: of the corners (perspective), over the frame's height.
        period: frames from one turn of direction to the next.
        blur: motion blur over the shift between two frames (1: the shutter is open all the time).
    """

    shift: float = 0.02
    tilt_deg: float = 1.2
    zoom: float = 0.02
    wobble: float = 0.012
    period: int = 12
    blur: float = 0.3


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """A scene, its motion, and what happens in it.

    Attributes:
        scene: the first frame, without motion.
        frames, fps: its length.
        zoom_from: starts so much further away (0.3: a third of the size) and comes nearer steadily.
        jumps: (frame, gain) of sudden exposure changes, which the camera evens out within about eight frames.
        hand: first and last frame in which a hand covers part of the page; None: never.
        next_page: frame from which another page lies there, and its layout; None: never.
        flicker: how much the light wanders over time, 0-1.
    """

    scene: SceneSpec
    frames: int = 48
    fps: float = 25.0
    motion: MotionSpec = field(default_factory=MotionSpec)
    zoom_from: float = 1.0
    jumps: tuple[tuple[int, float], ...] = ()
    hand: tuple[int, int] | None = None
    next_page: tuple[int, LayoutSpec] | None = None
    flicker: float = 0.0


def shoot(clip: ClipSpec, bank: GlyphBank, rng: np.random.Generator) -> Iterator[Scene]:
    """The frames of ``clip`` one after the other; the same ``rng`` state gives the same clip."""
    pages = [_page(clip, bank, rng)]
    if clip.next_page is not None:
        pages.append(_page(replace(clip, scene=replace(clip.scene, layout=clip.next_page[1])), bank, rng))
    around = surround(clip.scene, rng)
    cameras, corners = _path(clip, around, rng)
    for index, camera in enumerate(cameras):
        second = clip.next_page is not None and index >= clip.next_page[0]
        place = replace(around, corners=corners[index])
        scene = photograph(pages[-1] if second else pages[0], camera, clip.scene.size, place, rng)
        if second:
            scene = _renamed(scene)
        if clip.hand is not None and clip.hand[0] <= index <= clip.hand[1]:
            scene = _under_hand(scene, (index - clip.hand[0]) / max(1, clip.hand[1] - clip.hand[0]))
        yield scene


def _page(clip: ClipSpec, bank: GlyphBank, rng: np.random.Generator) -> Page:
    """The page, so large and so laid out that motion neither shows what is beyond it nor cuts a digit."""
    spec, motion = clip.scene, clip.motion
    camera = spec.camera
    spare = motion.shift + motion.zoom / 2 + motion.wobble
    if spec.messy:
        size = tuple(round(v * (1 + 3 * spare) + 20) for v in spec.size)
        return messy_desk((size[0], size[1]), spec.desk, rng)
    safe = replace(
        camera,
        tilt_deg=camera.tilt_deg + np.copysign(motion.tilt_deg, camera.tilt_deg),
        perspective=camera.perspective + motion.wobble,
        shift=(abs(camera.shift[0]) + motion.shift + motion.zoom / 2,) * 2,
    )
    reach = None if spec.sheet else replace(safe, zoom=camera.zoom * clip.zoom_from)
    return write_page(replace(spec, camera=safe), bank, rng, reach)


def _path(
    clip: ClipSpec, around: Surroundings, rng: np.random.Generator
) -> tuple[list[CameraSpec], list[NDArray[np.float64]]]:
    """Camera and corner pulls of each frame."""
    base, motion, count = clip.scene.camera, clip.motion, clip.frames
    w, h = clip.scene.size
    walks = [np.clip(wobble(rng, count, motion.period), -1, 1) for _ in range(13)]
    x, y = walks[0] * motion.shift * h, walks[1] * motion.shift * h
    speed = np.stack([np.gradient(x), np.gradient(y)], 1)
    near = np.geomspace(clip.zoom_from, 1.0, count)
    gains = _gains(clip) * (1 + clip.flicker * walks[12])
    pull = motion.wobble / max(base.perspective, motion.wobble, 1e-6)
    cameras, corners = [], []
    for i in range(count):
        length = float(np.hypot(*speed[i])) * motion.blur
        cameras.append(
            replace(
                base,
                shift=(base.shift[0] + x[i] / w, base.shift[1] + y[i] / h),
                tilt_deg=base.tilt_deg + motion.tilt_deg * walks[2][i],
                zoom=base.zoom * near[i] * (1 + motion.zoom * walks[3][i]),
                perspective=max(base.perspective, motion.wobble),
                exposure=base.exposure * gains[i],
                motion_px=base.motion_px if length < 1.5 else max(base.motion_px, length),
                motion_deg=base.motion_deg if length < 1.5 else float(np.degrees(np.arctan2(*speed[i][::-1]))),
            )
        )
        corners.append(around.corners * (1 - pull) + pull * np.array(walks[4:12]).T[i].reshape(4, 2))
    return cameras, corners


def _gains(clip: ClipSpec) -> NDArray[np.float64]:
    """Exposure over time: each jump decays as the camera's automatics follow."""
    time = np.arange(clip.frames)
    gains = np.ones(clip.frames)
    for start, gain in clip.jumps:
        after = time >= start
        gains[after] *= gain ** np.exp(-(time[after] - start) / 4.0)
    return gains


def _renamed(scene: Scene) -> Scene:
    digits = tuple(TrueDigit(d.box, d.digit, d.number + _NEW_PAGE_IDS, d.id + _NEW_PAGE_IDS) for d in scene.digits)
    return replace(scene, digits=digits, texts={k + _NEW_PAGE_IDS: v for k, v in scene.texts.items()})


def _under_hand(scene: Scene, phase: float) -> Scene:
    """A hand that comes in from the lower right, stays, and leaves; what it touches is no longer to be read."""
    h, w = scene.image.shape[:2]
    reach = np.sin(np.pi * phase) ** 0.5
    image = scene.image.copy()
    tip = np.array([w * (1.15 - 0.6 * reach), h * (1.1 - 0.65 * reach)], np.float32)
    for finger in range(4):
        start = tip + np.array([0.055 * w * finger, 0.03 * h * (finger - 1) ** 2], np.float32)
        draw_finger(image, start, start + np.array([0.5 * w, 0.75 * h], np.float32), 0.05 * h, (118, 152, 205))
    covered = (image != scene.image).any(axis=2)
    return _hide(scene, image, covered)


def _hide(scene: Scene, image: Image, covered: NDArray[np.bool_]) -> Scene:
    """Move digits that are touched to ``ignored``, with the texts of their numbers."""
    clear: list[TrueDigit] = []
    hidden: list[TrueDigit] = []
    for digit in scene.digits:
        x, y, w, h = digit.box
        (hidden if covered[y : y + h, x : x + w].any() else clear).append(digit)
    numbers = {digit.number for digit in hidden}
    texts = {number: text for number, text in scene.texts.items() if number not in numbers}
    ignored: tuple[Box, ...] = (*scene.ignored, *(digit.box for digit in hidden))
    return Scene(image, tuple(clear), texts, scene.clutter, ignored)
