"""Changes to the ink of strings: what pen, paper and camera do to it."""

from __future__ import annotations

import math

import cv2
import numpy as np

from digitrec.results import Image
from digitrec.strings import string_picture
from digitrec.training.augment import restroke

Rng = np.random.Generator

STROKES = (-0.34, 0.3)
"""Range of a stroke's new threshold."""


def photographed(ink: Image, rng: Rng) -> Image:
    """Turned, bent, with another stroke, soft and uneven."""
    ink = _bent(np.pad(ink, 8), rng)
    height, width = ink.shape
    if rng.random() < 0.65:
        ink = restroke(ink, STROKES, rng.uniform(0.8, 3.0), rng)
    if rng.random() < 0.35:
        sigma = float(np.exp(rng.uniform(np.log(0.4), np.log(2.6))))
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), sigma), np.uint8)
        ink = np.clip((ink.astype(np.float32) - 40) * np.float32(rng.uniform(1.2, 2.2)), 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        grain = cv2.resize(
            rng.uniform(0.4, 1.0, (max(2, height // 6), max(2, width // 6))).astype(np.float32), (width, height)
        )
        ink = (ink * grain).astype(np.uint8)
    if rng.random() < 0.1:  # small writing: a few pixels high before it is enlarged
        small = cv2.resize(ink, None, fx=0.35, fy=0.35, interpolation=cv2.INTER_AREA)
        ink = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    return ink


def _bent(ink: Image, rng: Rng) -> Image:
    height, width = ink.shape
    angle = np.deg2rad(rng.normal(0, 8.0 if rng.random() < 0.2 else 2.5))
    stretch = float(np.exp(rng.normal(0, 0.08)))
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    rise = np.sin(angle) * width * 0.5
    tall = height + 2 * math.ceil(abs(rise))
    y = np.arange(tall, dtype=np.float32)[:, None] - (tall - height) / 2 + np.tan(angle) * (x[:1] - width / 2)
    x = np.broadcast_to(x[:1], (tall, width)) + 0.0 * y
    nodes = rng.normal(0, rng.uniform(0, 1.6), (4, max(3, width // 16), 2)).astype(np.float32)
    bend = cv2.resize(nodes, (width, tall), interpolation=cv2.INTER_CUBIC)
    out = cv2.remap(ink, (x + bend[..., 0]).astype(np.float32), (y + bend[..., 1]).astype(np.float32), cv2.INTER_LINEAR)
    if abs(stretch - 1) > 0.01:
        out = cv2.resize(out, None, fx=stretch, fy=1, interpolation=cv2.INTER_LINEAR)
    return np.asarray(out, np.uint8)


def change_string(picture: Image, rng: Rng) -> Image:
    """A changed copy of a real piece: uint8 (32, W) -> uint8 (32, W')."""
    if rng.random() < 0.15:
        return picture
    if rng.random() < 0.6:
        picture = _bent(np.pad(picture, 3), rng)
    wider = 1.5 * float(np.exp(rng.normal(0, 0.1)))
    large = cv2.resize(picture, None, fx=wider, fy=1.5, interpolation=cv2.INTER_LINEAR)
    wide = large.shape[1]
    shear, turn = rng.normal(0, 0.12), rng.normal(0, 0.03)
    pad = math.ceil(abs(shear) * 24 + 4)
    matrix = np.array([[1, -shear, pad + shear * 24], [turn, 1, pad - turn * wide / 2]])
    size = wide + 2 * pad, large.shape[0] + 2 * pad
    out = np.asarray(cv2.warpAffine(large, matrix, size, flags=cv2.INTER_LINEAR), np.uint8)
    if rng.random() < 0.5:
        out = restroke(out, STROKES, rng.uniform(0.8, 3.0), rng)
    if rng.random() < 0.3:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), rng.uniform(0.4, 1.2)), np.uint8)
    return string_picture(out).pixels
