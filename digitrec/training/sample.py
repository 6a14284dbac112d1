"""The pictures and the clip of ``samples/``: rendered from MNIST's test digits, so that they can ship."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from digitrec.errors import OutputError
from digitrec.results import Box, Image
from digitrec.training.data import load_mnist
from digitrec.training.scenes import CameraSpec, GlyphBank, InkSpec, LayoutSpec, PaperSpec, Scene, SceneSpec, render
from digitrec.training.scenes.camera import light_field, wobble
from digitrec.training.scenes.ink import apply_ink
from digitrec.training.scenes.layout import Word
from digitrec.training.scenes.marks import draw_strokes
from digitrec.training.scenes.page import Page
from digitrec.training.scenes.paper import bare_paper
from digitrec.training.scenes.render import Surroundings, photograph, surround
from digitrec.training.scenes.scatter import Mark, Thing
from digitrec.training.scenes.words import set_word

FPS = 25
SECONDS = 9
WRITES_FROM_S, WRITES_FOR_S = 3.4, 1.6
"""The last number of the clip is written in this time, digit by digit."""

_DEMO_SEED = 4
"""Under it every digit of the clip is easy to read."""

_SIZE = (1280, 720)
_SHEET = (1000, 620)
_INK = InkSpec("ballpoint", (125, 52, 24), 0.94, 0.085, 0.35)
_CAMERA = CameraSpec(perspective=0.035, noise=1.2, noise_blur=1.0, defocus_px=0.7, exposure=1.12, jpeg=0)
_LETTERS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "A": (((0.0, 1.0), (0.32, 0.0), (0.66, 1.0)), ((0.12, 0.62), (0.56, 0.6))),
    "R": (((0.05, 1.0), (0.05, 0.02), (0.45, 0.06), (0.5, 0.3), (0.08, 0.48)), ((0.2, 0.47), (0.58, 1.0))),
    "K": (((0.05, 0.0), (0.08, 1.0)), ((0.55, 0.02), (0.1, 0.5), (0.58, 0.98))),
}
"""Strokes of a few capitals in a unit square, drawn by hand for this project."""


@dataclass(frozen=True, slots=True)
class _Picture:
    """One still: what it shows, in words and as a scene; the seed under which every digit is easy to read."""

    about: str
    spec: SceneSpec
    seed: int


def main(data_dir: Path | None, out_dir: Path, seed: int = 0) -> list[Path]:
    """Make ``demo.mp4``, five pictures, ``truth.json`` and ``README.md`` in ``out_dir``; what was written.

    Raises:
        SourceError: MNIST is neither in ``data_dir`` nor on the network.
        OutputError: ``out_dir`` cannot be written.
    """
    test = load_mnist(data_dir)[1]
    bank = GlyphBank(list(test.x), test.y.tolist())
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        truth: dict[str, object] = {}
        for name, picture in pictures().items():
            scene = render(picture.spec, bank, np.random.default_rng([seed, picture.seed]))
            _write_jpeg(out_dir / name, scene.image)
            truth[name] = {"about": picture.about, "size": picture.spec.size, **_truth(scene)}
        truth["demo.mp4"] = _write_demo(out_dir / "demo.mp4", bank, seed)
        entries = ",\n".join(f" {json.dumps(name)}: {json.dumps(entry)}" for name, entry in truth.items())
        (out_dir / "truth.json").write_text(f"{{\n{entries}\n}}\n", encoding="utf-8")
        (out_dir / "README.md").write_text(_readme(), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{out_dir} cannot be written ({error.strerror}). Choose another folder.") from error
    return [out_dir / name for name in (*truth, "truth.json", "README.md")]


def pictures() -> dict[str, _Picture]:
    """File name -> still."""
    text = LayoutSpec(height_px=74, gap=0.24, line_gap=1.75)
    camera = replace(_CAMERA, jpeg=92, perspective=0.03)
    plain = SceneSpec(
        _SIZE,
        ink=_INK,
        layout=replace(text, lines=(("2026", "731"), ("0176", "5550142"))),
        camera=replace(camera, tilt_deg=-3),
        sheet=(0.86, 0.86),
        desk=(58, 86, 118),
    )
    rules = PaperSpec("ruled", (228, 240, 244), 1.2, (212, 172, 128), 2, 116)
    ruled_text = replace(text, height_px=66, line_gap=116 / 66, on_rules=True)
    board = PaperSpec("blackboard", (52, 64, 46), 2.2)
    chalk = InkSpec("chalk", (234, 238, 240), 0.95, 0.1, 0.5)
    squares = PaperSpec("squared", (240, 243, 244), 1.0, (208, 188, 160), 1, 46)
    pencil = InkSpec("pencil", (62, 58, 56), 0.8, 0.08, 0.5)
    cheque = PaperSpec("security", (206, 214, 208), 1.5, (170, 184, 176), 1, 9)
    felt = InkSpec("pen", (48, 40, 38), 0.93, 0.1, 0.4)
    return {
        "plain.jpg": _Picture("ballpoint on a sheet that lies on a desk", plain, 4),
        "ruled.jpg": _Picture(
            "ballpoint on ruled paper",
            replace(
                plain,
                paper=rules,
                layout=replace(ruled_text, lines=(("12", "480"), ("307", "59"), ("6", "1984"), ("73", "26"))),
                camera=replace(camera, tilt_deg=2),
                sheet=None,
            ),
            3,
        ),
        "blackboard.jpg": _Picture(
            "chalk on a blackboard",
            SceneSpec(
                _SIZE,
                paper=board,
                ink=chalk,
                layout=replace(text, height_px=104, lines=(("314", "159"), ("2", "7182"))),
                camera=replace(camera, gradient=0.3, exposure=1.2),
            ),
            4,
        ),
        "squared_shadow.jpg": _Picture(
            "pencil on squared paper, half of it in shadow",
            SceneSpec(
                _SIZE,
                paper=squares,
                ink=pencil,
                layout=replace(text, lines=(("40", "582"), ("9", "3071"), ("256", "68"))),
                camera=replace(camera, tilt_deg=-5, shadow=0.45, shadow_edge=0.02),
            ),
            4,
        ),
        "cheque.jpg": _Picture(
            "the amount of a cheque: security print, digits that touch",
            SceneSpec(
                (640, 200),
                paper=cheque,
                ink=felt,
                layout=LayoutSpec(height_px=88, gap=0.0, gap_jitter=0.02, lines=(("15938",),)),
                camera=replace(camera, noise=3, tilt_deg=1),
            ),
            6,
        ),
    }


def _truth(scene: Scene) -> dict[str, object]:
    numbers = {n: [d for d in scene.digits if d.number == n] for n in scene.texts}
    return {
        "digits": [[*d.box, d.digit] for d in scene.digits],
        "numbers": [{"text": scene.texts[n], "box": Box.around([d.box for d in ds])} for n, ds in numbers.items()],
    }


def _write_jpeg(path: Path, image: Image) -> None:
    path.write_bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 86])[1].tobytes())


def demo_frames(bank: GlyphBank, seed: int) -> Iterator[Scene]:
    """The clip's frames: a hand-held sheet, changing light, and a number that is being written."""
    rng = np.random.default_rng([seed, _DEMO_SEED])
    spec = SceneSpec(_SIZE, ink=_INK, layout=LayoutSpec(height_px=72, gap=0.24), camera=_CAMERA, sheet=(0.8, 0.86))
    pages = _demo_pages(spec, bank, rng)
    around = surround(spec, rng)
    shaded = light_field(replace(_CAMERA, shadow=0.42, shadow_edge=0.25, gradient=0.45, gradient_deg=200), _SIZE, rng)
    count = FPS * SECONDS
    walks = [np.clip(wobble(rng, count, 28), -1, 1) for _ in range(12)]
    for index in range(count):
        time_s = index / FPS
        written = np.clip((time_s - WRITES_FROM_S) / WRITES_FOR_S, 0, 1)
        camera = replace(
            _CAMERA,
            shift=(0.018 * walks[0][index], 0.02 * walks[1][index]),
            tilt_deg=-2 + 4.0 * walks[2][index],
            zoom=0.98 + 0.05 * walks[3][index],
            exposure=0.95 + 0.05 * walks[10][index],
        )
        share = np.float32(0.5 - 0.5 * np.cos(2 * np.pi * time_s / SECONDS))
        place = Surroundings(
            around.light * (1 - share) + shaded * share,
            around.desk,
            around.corners * 0.4 + 0.6 * np.array(walks[2:10]).T[index].reshape(4, 2),
        )
        yield photograph(pages[round(written * (len(pages) - 1))], camera, _SIZE, place, rng)


def _demo_pages(spec: SceneSpec, bank: GlyphBank, rng: np.random.Generator) -> list[Page]:
    """The sheet before the last number is written, and after each of its digits."""
    image = bare_paper(PaperSpec(color=(232, 240, 243), grain=0.6), _SHEET, rng)
    height = spec.layout.height_px
    marks: list[Mark] = []
    texts: dict[int, str] = {}
    things = tuple(
        Thing(np.array(tip, np.float32), np.array(end, np.float32), 44, (138, 168, 218), finger=True)
        for tip, end in (((52, 500), (-220, 640)), ((950, 470), (1230, 620)))
    )
    for letter, x, y in (("A", 110, 130), ("K", 110, 290), ("R", 880, 290)):
        strokes = [np.array(s) * height * 0.95 + (x, y) + rng.normal(0, 1.2, (len(s), 2)) for s in _LETTERS[letter]]
        marks.append(Mark(draw_strokes(image, list(strokes), spec.ink.stroke * height, spec.ink, rng)))
    pages = []
    words = [Word("2026", 240, 130 + height, height), Word("5550142", 240, 290 + height, height)]
    words.append(Word("317", 360, 450 + height, height))
    for number, word in enumerate(words):
        texts = {**texts, number: ""}
        for glyph in set_word(number, word, spec, bank, rng):
            if number == len(words) - 1:
                done = {n: text for n, text in texts.items() if text}
                pages.append(Page(image.copy(), tuple(marks), done, things))
            apply_ink(image, glyph.inked.cover, glyph.at, spec.ink.color)
            marks.append(Mark(glyph.inked.hull + np.array(glyph.at, np.float32), int(glyph.char), number))
            texts[number] += glyph.char
    return [*pages, Page(image, tuple(marks), texts, things)]


def _write_demo(path: Path, bank: GlyphBank, seed: int) -> dict[str, object]:
    """Write the clip; its truth: each number with the second from which it is whole, the boxes of the last frame."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), FPS, _SIZE)
    if not writer.isOpened():
        raise OutputError(f"{path} cannot be written: OpenCV offers no mp4v encoder. Install opencv-python.")
    try:
        for scene in demo_frames(bank, seed):
            writer.write(scene.image)
    finally:
        writer.release()
    late = max(scene.texts)
    numbers = [
        {"text": text, "from_s": WRITES_FROM_S + WRITES_FOR_S if n == late else 0.0} for n, text in scene.texts.items()
    ]
    about = "a hand-held sheet in changing light; a third number is written; A, K and R are no digits"
    return {"about": about, "size": _SIZE, "fps": FPS, "numbers": numbers, "last_frame": _truth(scene)}


def _readme() -> str:
    lines = "\n".join(f"- `{name}`: {picture.about}" for name, picture in pictures().items())
    return f"""# Samples

Small pictures and a clip to try the reader on and for the tests: `python cam.py --demo`, `python cam.py samples/*.jpg`.

{lines}
- `demo.mp4`: {SECONDS} s at {FPS} frames a second: a hand-held sheet in changing light; a third number is written while
  you watch; the letters A, K and R are no digits

How they were made: `python -m digitrec.training sample` takes digits of MNIST's test part, inks them, sets them on
paper and photographs the page (`digitrec/training/scenes/`); the letters, the paper, the desk, the hands and the light
are drawn by the same code. No photograph of anybody's writing is in here. Another `--seed` gives other handwriting.

`truth.json` says what is written where: for each picture `digits` as `[x, y, width, height, digit]` and `numbers`; for
the clip its numbers, with the second from which each is whole, and the digits of its last frame.

MNIST: Y. LeCun, C. Cortes, C. J. C. Burges, *The MNIST database of handwritten digits*, CC BY-SA 3.0.
"""
