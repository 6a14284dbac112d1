"""A page and what lies around it, photographed: perspective, light, shadow, blur, noise, JPEG."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.results import Image
from digitrec.training.scenes.fields import Field, grain, smooth
from digitrec.training.scenes.spec import CameraSpec

Matrix = NDArray[np.float64]
_LIGHT_STEP = 4
"""Light is worked out on every 4th pixel."""


def homography(spec: CameraSpec, page: tuple[int, int], frame: tuple[int, int], corners: NDArray[np.float64]) -> Matrix:
    """Page pixels -> frame pixels, (3, 3). ``corners``: (4, 2) of -1 to 1, which way perspective pulls each corner."""
    angle, (w, h) = np.radians(spec.tilt_deg), frame
    c, s = np.cos(angle) * spec.zoom, np.sin(angle) * spec.zoom
    centre = np.array([w * (0.5 + spec.shift[0]), h * (0.5 + spec.shift[1])])
    linear = np.array([[c, -s], [s, c]])
    placed = np.eye(3)
    placed[:2, :2] = linear
    placed[:2, 2] = centre - linear @ (np.array(page) - 1) / 2
    around = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    pulled = (around + corners * spec.perspective * h).astype(np.float32)
    return np.asarray(cv2.getPerspectiveTransform(around, pulled) @ placed, np.float64)


def project(matrix: Matrix, points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Points (N, 2) through a homography."""
    moved = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(moved[:, :2] / moved[:, 2:], np.float64)


def warp(page: Image, matrix: Matrix, size: tuple[int, int], desk: Image | None) -> Image:
    """The page seen in a frame of ``size`` (width, height); ``desk`` (that size) where the page does not reach."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2] / matrix[2, 2]))))
    while scale < 0.6:  # a linear sample of a page shrunk further would skip pixels
        page = np.asarray(cv2.pyrDown(page), np.uint8)
        matrix = matrix @ np.diag([2.0, 2.0, 1.0])
        scale *= 2
    if desk is None:
        flat = cv2.warpPerspective(page, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return np.asarray(flat, np.uint8)
    h, w = page.shape[:2]
    outline = project(matrix, np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32))
    picture = _sheet_shadow(desk, outline)
    cv2.warpPerspective(page, matrix, size, picture, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
    return np.asarray(picture, np.uint8)


def _sheet_shadow(desk: Image, outline: NDArray[np.float64]) -> Image:
    """The desk darkened beside the sheet."""
    h, w = desk.shape[:2]
    small = np.zeros((h // _LIGHT_STEP, w // _LIGHT_STEP), np.float32)
    cv2.fillConvexPoly(small, np.rint((outline + np.array([5, 7])) / _LIGHT_STEP).astype(np.int32), 0.55)
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), 2.5), np.float32)
    gain = cv2.resize(1 - small, (w, h))
    return np.asarray(cv2.multiply(desk, cv2.merge([gain] * 3), dtype=cv2.CV_8U), np.uint8)


def light_field(spec: CameraSpec, size: tuple[int, int], rng: np.random.Generator) -> Field:
    """Gain of every 4th pixel, float32 (H/4, W/4): direction, corners, shadow, glare."""
    w, h = size[0] // _LIGHT_STEP + 1, size[1] // _LIGHT_STEP + 1
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    u, v = (x - w / 2) / h, (y - h / 2) / h
    angle = np.radians(spec.gradient_deg)
    span = w / h
    gain = 1 - np.float32(spec.gradient) * (0.5 + (u * np.cos(angle) + v * np.sin(angle)) / span)
    gain *= 1 - np.float32(spec.vignette) * (u**2 + v**2) / np.float32((span**2 + 1) / 4)
    if spec.shadow > 0:
        gain *= 1 - np.float32(spec.shadow) * _shadow(spec, (h, w), rng)
    if spec.glare > 0:
        gx, gy = rng.uniform(-0.6, 0.6) * span, rng.uniform(-0.5, 0.5)
        spot = np.exp(-(((u - gx) / rng.uniform(0.15, 0.6)) ** 2) - ((v - gy) / rng.uniform(0.1, 0.4)) ** 2)
        gain = gain + np.float32(spec.glare) * spot
    return np.asarray(np.clip(gain, 0.02, 3), np.float32)


def _shadow(spec: CameraSpec, shape: tuple[int, int], rng: np.random.Generator) -> Field:
    """1 in the shadow of a hand, a phone or a window bar, 0 outside, float32 ``shape``."""
    h, w = shape
    layer = np.zeros((h, w), np.float32)
    if rng.random() < 0.5:  # a straight edge: the phone, a book, the window
        angle = rng.uniform(0, 2 * np.pi)
        y, x = np.mgrid[0:h, 0:w].astype(np.float32)
        reach = (x - w * rng.uniform(0.25, 0.75)) * np.cos(angle) + (y - h * rng.uniform(0.25, 0.75)) * np.sin(angle)
        layer[reach > 0] = 1
    else:  # a hand or head coming in from an edge
        edge = np.array([rng.choice([0.0, w]), rng.uniform(0, h)])
        turn = np.linspace(0, 2 * np.pi, 90, endpoint=False)
        radius = rng.uniform(0.35, 0.9) * h * (1 + 0.25 * smooth(rng, (1, 90), (0, 7))[0])
        blob = edge + np.column_stack([1.4 * np.cos(turn), np.sin(turn)]) * radius[:, None]
        cv2.fillPoly(layer, [np.rint(blob).astype(np.int32)], 1.0)
    sigma = max(0.6, spec.shadow_edge * h / 2)
    return np.asarray(cv2.GaussianBlur(layer, (0, 0), sigma), np.float32)


def expose(picture: Image, spec: CameraSpec, light: Field, rng: np.random.Generator) -> Image:
    """The picture as the sensor and its processing give it: light, blur, noise, sharpening, JPEG."""
    h, w = picture.shape[:2]
    gain = np.asarray(cv2.resize(light, (w, h), interpolation=cv2.INTER_LINEAR), np.float32)
    channels = [gain * np.float32(spec.exposure * c) for c in spec.cast]
    picture = np.asarray(cv2.multiply(picture, cv2.merge(channels), dtype=cv2.CV_8U), np.uint8)
    picture = _blur(picture, spec)
    if abs(spec.gamma - 1) > 0.02:
        curve = 255 * (np.arange(256) / 255) ** (1 / spec.gamma)
        picture = np.asarray(cv2.LUT(picture, np.rint(curve).astype(np.uint8)), np.uint8)
    if spec.noise > 0:
        field = grain(rng, (h + 40, w + 40), spec.noise_blur)
        noise = cv2.merge([field[y : y + h, x : x + w] for y, x in ((0, 0), (19, 40), (40, 11))])
        picture = np.asarray(cv2.addWeighted(picture, 1.0, noise, spec.noise, 0, dtype=cv2.CV_8U), np.uint8)
    if spec.sharpen > 0:
        soft = cv2.GaussianBlur(picture, (0, 0), 1.6)
        picture = np.asarray(cv2.addWeighted(picture, 1 + spec.sharpen, soft, -spec.sharpen, 0), np.uint8)
    if spec.stretch > 0:
        low, high = 255 * 0.45 * spec.stretch, 255 * (1 - 0.45 * spec.stretch)
        levels = np.clip((np.arange(256) - low) * 255 / (high - low), 0, 255)
        picture = np.asarray(cv2.LUT(picture, np.rint(levels).astype(np.uint8)), np.uint8)
    if spec.jpeg:
        coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, spec.jpeg])[1]
        picture = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return picture


def _blur(picture: Image, spec: CameraSpec) -> Image:
    if spec.defocus_px > 0.3:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), spec.defocus_px), np.uint8)
    if spec.motion_px >= 1.5:
        side = int(spec.motion_px) | 1
        kernel = np.zeros((side, side), np.float32)
        reach = np.array([np.cos(np.radians(spec.motion_deg)), np.sin(np.radians(spec.motion_deg))]) * (side - 1) / 2
        middle = np.array([side // 2] * 2)
        ends = [tuple(int(v) for v in np.rint((middle + sign * reach) * 16)) for sign in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, 4)
        picture = np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.uint8)
    return picture


def wobble(rng: np.random.Generator, count: int, step: int) -> NDArray[np.float64]:
    """A smooth random walk, ``count`` values of about -1 to 1, that turns every ``step`` values: a hand's motion."""
    return np.asarray(smooth(rng, (1, count), (0, max(2, count // step)))[0], np.float64)
