"""The rendered clips that the reader and the tracker are measured on: fifteen situations, one clip each.

Their writers (MNIST's test part, the last fifth of Optdigits) and letters are not in training. Frames are rendered from
a fixed seed when first needed and kept as JPEG in the system's folder for temporary files.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np

import digitrec.training.scenes as scenes_package
from benchmarks.datasets import load_pairs, read_picture, stranger_glyphs
from digitrec.results import Box
from digitrec.training.data import OPTDIGITS_TRAINED, load_mnist
from digitrec.training.scenes import (
    CameraSpec,
    ClutterSpec,
    GlyphBank,
    InkSpec,
    LayoutSpec,
    PaperSpec,
    Scene,
    SceneSpec,
    TrueDigit,
)
from digitrec.training.scenes.clips import ClipSpec, MotionSpec, shoot

_JPEG_QUALITY = 95
_NUMBERS = (("2026", "41"), ("0176", "538"), ("90210", "7"), ("365", "1984"))
_OTHER_NUMBERS = (("58", "3047"), ("619", "72"), ("4", "85096"), ("2231", "907"))
_TOUCHING_NUMBERS = (("2058", "36"), ("7492", "805"), ("63529", "48"), ("3157", "924"))
_SEEDS = {
    "touching": 5,
    "squared": 6,
    "letters_doodles": 3,
    "ruled": 4,
    "tilted_25": 4,
    "pencil_shadow": 3,
    "motion_blur": 4,
    "exposure_jumps": 3,
}
"""Chosen so that a person can read every digit of each clip; 0 where not listed."""

_PEN = InkSpec("ballpoint", (120, 50, 25), 0.92, 0.075, 0.4)


def _lined(kind: str, pitch_px: float, color: tuple[int, int, int], line_px: int = 2) -> PaperSpec:
    return PaperSpec(kind=kind, line_color=color, line_px=line_px, pitch_px=pitch_px)  # type: ignore[arg-type]


def clip_specs() -> dict[str, ClipSpec]:
    """Name -> clip, in the order of the table."""
    text = LayoutSpec(height_px=64, lines=_NUMBERS, line_gap=1.9)
    plain = SceneSpec(ink=_PEN, layout=text)
    ruled = replace(plain, paper=_lined("ruled", 121.6, (215, 170, 120)), layout=replace(text, on_rules=True))
    squared = replace(plain, paper=_lined("squared", 42, (205, 190, 165), 1))
    faint = InkSpec("pencil", (70, 66, 64), 0.62, 0.075, 0.6)
    shadowed = CameraSpec(shadow=0.5, shadow_edge=0.012, gradient=0.25)
    dim = CameraSpec(exposure=0.34, noise=9.0, noise_blur=0.8, gradient=0.3, cast=(0.85, 0.98, 1.05), jpeg=85)
    board = PaperSpec("blackboard", (46, 60, 42), 2.5)
    chalk = InkSpec("chalk", (232, 236, 238), 0.92, 0.1, 0.5)
    messy = ClutterSpec(glyphs=16, doodles=7, print_lines=2)
    touching = replace(text, lines=_TOUCHING_NUMBERS, gap=-0.02, gap_jitter=0.01, slant=0.05)
    dense = LayoutSpec(height_px=44, max_digits=100, lines=_dense_lines(), line_gap=1.95, word_gap=1.5, gap=0.3)
    huge = LayoutSpec(height_px=640, lines=(("5",),), rotate_deg=2)
    red = InkSpec("marker", (35, 35, 205), 0.95, 0.17, 0.3)
    tilted = replace(text, lines=_NUMBERS[:3], height_px=54, line_gap=1.7, word_gap=1.4)
    still = MotionSpec(shift=0.008, tilt_deg=0.6, zoom=0.01, wobble=0.006)
    return {
        "plain": ClipSpec(plain, next_page=(26, replace(text, lines=_OTHER_NUMBERS))),
        "ruled": ClipSpec(ruled, hand=(14, 32)),
        "squared": ClipSpec(squared),
        "pencil_shadow": ClipSpec(replace(plain, ink=faint, camera=shadowed)),
        "dim_noisy": ClipSpec(replace(plain, camera=dim), flicker=0.06),
        "blackboard": ClipSpec(replace(plain, paper=board, ink=chalk)),
        "letters_doodles": ClipSpec(replace(plain, layout=replace(text, lines=_NUMBERS[:3]), clutter=messy)),
        "touching": ClipSpec(replace(plain, layout=touching)),
        "motion_blur": ClipSpec(plain, motion=MotionSpec(shift=0.06, period=8, blur=0.75)),
        "tilted_25": ClipSpec(replace(plain, layout=tilted, camera=CameraSpec(tilt_deg=25)), motion=still),
        "dense_1080p": ClipSpec(replace(plain, size=(1920, 1080), layout=dense), frames=45, motion=still),
        "huge_marker": ClipSpec(replace(plain, ink=red, layout=huge), zoom_from=0.22, motion=still, frames=60),
        "exposure_jumps": ClipSpec(plain, jumps=((10, 1.7), (22, 0.4), (36, 1.5)), flicker=0.05),
        "empty_desk": ClipSpec(replace(plain, desk=(70, 100, 138), messy=True)),
    }


def _dense_lines() -> tuple[tuple[str, ...], ...]:
    """One hundred digits in ten lines, each digit ten times."""
    digits = np.random.default_rng(100).permutation(np.repeat(np.arange(10), 10))
    text = "".join(str(d) for d in digits)
    cuts = ((0, 4, 7, 10), (0, 3, 5, 10), (0, 2, 6, 10), (0, 5, 8, 10), (0, 4, 8, 10))
    return tuple(
        tuple(text[10 * row + a : 10 * row + b] for a, b in zip(cuts[row % 5], cuts[row % 5][1:], strict=False))
        for row in range(10)
    )


def held_back_bank(data_dir: Path) -> GlyphBank:
    """Digits and letters whose writers and classes training never saw.

    Raises:
        SourceError: MNIST is missing; the other sets are optional.
    """
    test = load_mnist(data_dir)[1]
    digits, labels = list(test.x), test.y.tolist()
    path = data_dir / "optdigits_train.npz"
    if path.is_file():
        x, y = load_pairs(path)
        start = int(len(y) * OPTDIGITS_TRAINED)
        digits, labels = digits + list(x[start:]), labels + y[start:].tolist()
    return GlyphBank(digits, labels, stranger_glyphs(data_dir, held_back=True))


def iter_clip(name: str, data_dir: Path) -> Iterator[Scene]:
    """Frames with truth of one clip of ``clip_specs``, from the cache where it has them.

    Raises:
        SourceError: the data sets that it is made of are missing.
    """
    return kept_scenes(cache_folder(data_dir) / name, lambda: render_clip(name, data_dir))


def render_clip(name: str, data_dir: Path) -> Iterator[Scene]:
    """The same, rendered afresh."""
    seed = zlib.crc32(name.encode()), _SEEDS.get(name, 0)
    return shoot(clip_specs()[name], held_back_bank(data_dir), np.random.default_rng(seed))


def kept_scenes(folder: Path, make: Callable[[], Iterator[Scene]]) -> Iterator[Scene]:
    """What ``make`` makes, from ``folder`` where an earlier run has kept it there as JPEG."""
    if not (folder / "truth.json").is_file():
        _keep(folder, make())
    truths = json.loads((folder / "truth.json").read_text())
    for index, truth in enumerate(truths):
        digits = tuple(TrueDigit(Box(*d["box"]), d["digit"], d["number"], d["id"]) for d in truth["digits"])
        texts = {int(number): text for number, text in truth["texts"].items()}
        clutter, ignored = (tuple(Box(*box) for box in truth[key]) for key in ("clutter", "ignored"))
        yield Scene(read_picture(folder / f"{index:03d}.jpg"), digits, texts, clutter, ignored)


def _keep(folder: Path, scenes: Iterator[Scene]) -> None:
    """Write into a folder beside it and rename: a broken-off run leaves no half clip behind."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    truths = []
    for index, scene in enumerate(scenes):
        coded = cv2.imencode(".jpg", scene.image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1]
        (part / f"{index:03d}.jpg").write_bytes(coded.tobytes())
        truth = {"digits": [asdict(d) for d in scene.digits], "texts": scene.texts}
        truths.append({**truth, "clutter": scene.clutter, "ignored": scene.ignored})
    (part / "truth.json").write_text(json.dumps(truths))
    try:
        part.rename(folder)
    except OSError:  # another run was faster
        shutil.rmtree(part)


def cache_folder(data_dir: Path) -> Path:
    """Named for the code and data that it was made with, so that a change never meets old frames."""
    digest = hashlib.sha256(cv2.__version__.encode())
    for path in [*sorted(Path(scenes_package.__file__).parent.glob("*.py")), Path(__file__)]:
        digest.update(path.read_bytes())
    for name in ("mnist.npz", "optdigits_train.npz", "letters.npz", "symbols.npz"):
        path = data_dir / name
        digest.update(f"{name} {path.stat().st_size if path.is_file() else 0}".encode())
    return Path(tempfile.gettempdir()) / f"digitrec-clips-{digest.hexdigest()[:12]}"
