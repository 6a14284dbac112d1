"""Bare sheets: colour, texture, rules, squares, security print, boards; and the desk beneath."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.results import Image
from digitrec.training.scenes.fields import Field, grain, smooth
from digitrec.training.scenes.spec import Color, PaperSpec


def bare_paper(spec: PaperSpec, size: tuple[int, int], rng: np.random.Generator) -> Image:
    """An empty sheet of ``size`` (width, height), uint8 (H, W, 3)."""
    shape = size[1], size[0]
    texture = np.float32(spec.grain) * grain(rng, shape, float(rng.choice([0.0, 0.6, 1.2])))
    texture += np.float32(1.2 * spec.grain + 1) * smooth(rng, shape, (5, 8))
    if spec.kind == "kraft":
        texture += np.float32(2.5 * spec.grain) * _fibres(rng, shape)
    if spec.kind in ("blackboard", "whiteboard"):
        texture += _smears(rng, shape, 14.0 if spec.kind == "blackboard" else 3.0)
    if spec.wrinkles > 0:
        texture += _folds(rng, shape, spec.wrinkles)
    page = tinted(texture, spec.color)
    if spec.show_through > 0:
        _scribble_back(page, spec, rng)
    _rule(page, spec, rng)
    return page


def tinted(texture: Field, color: Color) -> Image:
    """``color`` lighter and darker by ``texture`` (H, W) in grey levels of a white sheet."""
    channels = []
    for c in color:
        gain = 0.4 + 0.6 * c / 255
        channels.append(cv2.addWeighted(texture, gain, texture, 0, c, dtype=cv2.CV_8U))
    return np.asarray(cv2.merge(channels), np.uint8)


def desk(color: Color, size: tuple[int, int], rng: np.random.Generator) -> Image:
    """A table top of ``size`` (width, height): wood, cloth or plain, uint8 (H, W, 3)."""
    shape = size[1], size[0]
    kind = int(rng.integers(3))
    texture = 8 * smooth(rng, shape, (3, 4))
    if kind == 0:  # wood: long streaks that bend a little
        streaks = smooth(rng, shape, (int(rng.integers(25, 70)), 3))
        texture = texture + 14 * streaks + 5 * smooth(rng, shape, (160, 4))
    elif kind == 1:
        texture = texture + 6 * grain(rng, shape, 1.4)
    else:
        texture = texture + 2 * grain(rng, shape, 0.6)
    return tinted(np.asarray(texture, np.float32), color)


def _fibres(rng: np.random.Generator, shape: tuple[int, int]) -> Field:
    """Short light and dark hairs, as in kraft or recycled paper."""
    hairs = np.zeros(shape, np.int8).astype(np.float32)
    for sign in (-1.0, 1.0):
        count = shape[0] * shape[1] // 6000
        start = rng.uniform(0, 1, (count, 2)) * shape[::-1]
        step = rng.normal(0, 7, (count, 2))
        segments = np.rint(np.stack([start, start + step], 1)).astype(np.int32)
        cv2.polylines(hairs, list(segments), False, sign, 1)
    return hairs


def _smears(rng: np.random.Generator, shape: tuple[int, int], strength: float) -> Field:
    """What an eraser left on a board: soft streaks."""
    streaks = smooth(rng, shape, (9, 3)) * smooth(rng, shape, (4, 6))
    return np.asarray(np.float32(strength) * streaks, np.float32)


def _folds(rng: np.random.Generator, shape: tuple[int, int], depth: float) -> Field:
    """Creases: planes of slightly different light that meet at straight lines."""
    h, w = shape[0] // 4 + 1, shape[1] // 4 + 1
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    light = np.zeros((h, w), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        angle, offset = rng.uniform(0, np.pi), rng.uniform(0.2, 0.8)
        side = (x - offset * w) * np.cos(angle) + (y - offset * h) * np.sin(angle)
        light += depth * (12 * np.tanh(side / 3) * np.exp(-np.abs(side) / 60) + 6 * np.exp(-np.abs(side) / 1.5))
    return np.asarray(cv2.resize(light, shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def blend(color: Color, over: Color, share: float) -> Color:
    """``color`` laid over ``over`` with cover ``share``."""
    b, g, r = (round(o + (c - o) * share) for c, o in zip(color, over, strict=True))
    return b, g, r


def _rule(page: Image, spec: PaperSpec, rng: np.random.Generator) -> None:
    """Rules, squares, dots or security print, in place."""
    if spec.kind == "security":
        _security_print(page, spec, rng)
    elif spec.kind in ("ruled", "squared"):
        _lines(page, spec, rng)
    elif spec.kind == "dotted":
        h, w = page.shape[:2]
        for y in np.arange(spec.pitch_px / 2, h, spec.pitch_px):
            for x in np.arange(spec.pitch_px / 2, w, spec.pitch_px):
                cv2.circle(page, (round(x), round(y)), max(1, spec.line_px), spec.line_color, -1, cv2.LINE_AA)


def _lines(page: Image, spec: PaperSpec, rng: np.random.Generator) -> None:
    h, w = page.shape[:2]
    for y in np.arange(spec.phase * spec.pitch_px, h, spec.pitch_px):
        cv2.line(page, (0, round(y * 16)), (w * 16, round(y * 16)), spec.line_color, spec.line_px, cv2.LINE_AA, 4)
    if spec.kind == "squared":
        for x in np.arange(float(rng.uniform(0.2, 1)) * spec.pitch_px, w, spec.pitch_px):
            cv2.line(page, (round(x * 16), 0), (round(x * 16), h * 16), spec.line_color, spec.line_px, cv2.LINE_AA, 4)
    elif rng.random() < 0.6:  # the margin of an exercise book
        x = round(w * float(rng.uniform(0.06, 0.16)))
        cv2.line(page, (x, 0), (x, h), blend((150, 150, 235), spec.color, 0.7), spec.line_px, cv2.LINE_AA)


def _security_print(page: Image, spec: PaperSpec, rng: np.random.Generator) -> None:
    """Guilloche: one or two families of waving lines, as on cheques."""
    h, w = page.shape[:2]
    xs = np.arange(-40, w + 60, 12, dtype=np.float32)
    for _ in range(int(rng.integers(1, 3))):
        wave, tall = rng.uniform(0.4, 6) * spec.pitch_px, rng.uniform(0.1, 2.0) * spec.pitch_px
        slope, drift = rng.normal(0, 0.25), rng.uniform(0, 6.3)
        period = rng.uniform(6, 30) * spec.pitch_px
        reach = abs(slope) * w + 2 * tall
        curves = []
        for y in np.arange(-reach, h + reach, spec.pitch_px):
            phase = 2 * np.pi * xs / (wave * 6) + drift + y * 2 * np.pi / period
            curves.append(np.column_stack([xs, y + slope * (xs - w / 2) + tall * np.sin(phase)]))
        points = [np.rint(c * 16).astype(np.int32) for c in curves]
        cv2.polylines(page, points, False, spec.line_color, spec.line_px, cv2.LINE_AA, 4)


def _scribble_back(page: Image, spec: PaperSpec, rng: np.random.Generator) -> None:
    """Lines of print or writing that shine through from the back, mirrored and soft."""
    h, w = page.shape[:2]
    layer = np.zeros((h // 2, w // 2), np.uint8)
    words = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "while", "many", "others", "watch"]
    size = float(rng.uniform(0.4, 1.1))
    for y in range(20, h // 2, int(30 * size) + 8):
        line = " ".join(rng.choice(words, 14).tolist())
        cv2.putText(layer, line, (10, y), cv2.FONT_HERSHEY_SIMPLEX, size, 255, 1, cv2.LINE_AA)
    layer = np.asarray(cv2.GaussianBlur(layer[:, ::-1], (0, 0), float(rng.uniform(0.8, 2.0))), np.uint8)
    layer = np.asarray(cv2.resize(layer, (w, h)), np.uint8)
    gain = 1 - (0.25 * spec.show_through / 255) * layer.astype(np.float32)
    np.copyto(page, cv2.multiply(page, np.repeat(gain[..., None], 3, 2), dtype=cv2.CV_8U))


_WORDS = (
    "Name", "Date", "Amount", "Total", "pay to the order of", "Signature", "Street", "NOTES", "Telephone", "Account",
    "lorem ipsum dolor sit amet", "Please fill in", "Exercise", "Answer", "Class", "from",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Print:
    """A line of printed words, without digits: its text, font, scale and (width, height), pixels."""

    text: str
    font: int
    scale: float
    size: tuple[float, float]

    @property
    def line_px(self) -> int:
        """Width of its strokes."""
        return max(1, round(self.scale * 1.4))


def choose_print(height_px: float, rng: np.random.Generator) -> Print:
    """Random printed words about ``height_px`` tall."""
    text = " ".join(rng.choice(_WORDS, int(rng.integers(1, 4))).tolist())
    font = int(rng.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX]))
    scale = height_px / 22
    (w, h), base = cv2.getTextSize(text, font, scale, 1)
    return Print(text, font, scale, (w, h + base))


def draw_print(page: Image, line: Print, at: tuple[float, float], color: Color) -> NDArray[np.float32]:
    """Print ``line`` with its upper left corner at ``at``, in place; its corners, float32 (4, 2)."""
    (x, y), (w, h) = at, line.size
    foot = round(x), round(y + 0.78 * h)
    cv2.putText(page, line.text, foot, line.font, line.scale, color, line.line_px, cv2.LINE_AA)
    return np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)
