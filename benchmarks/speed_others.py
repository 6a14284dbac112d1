"""What a user would use instead, in the same run: Keras on crops, and OCR engines on whole pages where installed."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from benchmarks.speed_frames import timed_read
from benchmarks.speed_pages import page
from benchmarks.speed_timing import ROOT, measure, missing
from digitrec.classifier import Classifier
from digitrec.modelfile import fastest_form
from digitrec.recognizer import Recognizer
from digitrec.results import Image

KERAS_MODEL = ROOT / "models" / "digits.keras"
LONGEST_MS = 8000.0
Ocr = Callable[[Image], list[str]]
"""A picture -> the texts in it."""


def report_networks(recognizer: Recognizer, seconds: float) -> None:
    """The network on the crops of a page, by what runs it; all give the same answers."""
    read = recognizer.read(page((1280, 720), 20)).digits
    crops = np.stack([digit.crop for digit in read if digit.crop is not None])
    careful = Classifier(recognizer.model)
    ours = measure(lambda: careful.classify(crops), seconds, careful.forget)
    print(f"\n{f'the network on {len(crops)} crops, ms':44}   median     best    x ours   differs by")
    print(f"{'digitrec: LiteRT, one batch':44} {ours.median_ms:8.2f} {ours.best_ms:8.2f} {1.0:9.1f}")
    light = Classifier(fastest_form(recognizer.model))
    eight = measure(lambda: light.classify(crops), seconds, light.forget)
    name = "digitrec: the same in 8 bits"
    print(f"{name:44} {eight.median_ms:8.2f} {eight.best_ms:8.2f} {eight.best_ms / ours.best_ms:9.1f}")
    both = measure(lambda: recognizer.classify(crops), seconds, recognizer.forget)
    name = "digitrec: the quick network first, in 8 bits"
    print(f"{name:44} {both.median_ms:8.2f} {both.best_ms:8.2f} {both.best_ms / ours.best_ms:9.1f}")
    calls = _keras_calls(crops)
    if isinstance(calls, str):
        missing("Keras", calls)
        return
    careful.forget()
    expected = careful.classify(crops)
    for name, call in calls.items():
        apart = float(abs(call() - expected).max())
        timing = measure(call, seconds)
        ratio = timing.best_ms / ours.best_ms
        print(f"{name:44} {timing.median_ms:8.2f} {timing.best_ms:8.2f} {ratio:9.0f} {apart:12.0e}")


def _keras_calls(crops: Image) -> dict[str, Callable[[], Any]] | str:
    """The network that Keras runs in three ways, or why it cannot."""
    if not KERAS_MODEL.is_file():
        return f"{KERAS_MODEL.name} is not there"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import keras
        import tensorflow as tf
    except ImportError as error:
        return f"{error.name} is not installed"
    model = keras.models.load_model(KERAS_MODEL, compile=False, safe_mode=True)
    batch = crops[..., None].astype(np.float32) / 255
    compiled = tf.function(model, input_signature=[tf.TensorSpec([None, *batch.shape[1:]], tf.float32)])
    return {
        "Keras: model.predict, digit by digit": lambda: np.vstack([model.predict(c[None], verbose=0) for c in batch]),
        "Keras: model.predict, one batch": lambda: model.predict(batch, verbose=0),
        "TensorFlow: tf.function, one batch": lambda: compiled(tf.constant(batch)).numpy(),
    }


def report_ocr(recognizer: Recognizer, seconds: float) -> None:
    """Whole photographs: time, and how many of the numbers each engine reads right (they were made for print)."""
    photos = {n: cv2.imread(str(ROOT / "samples" / n)) for n in ("plain.jpg", "ruled.jpg")}
    truth = json.loads((ROOT / "samples" / "truth.json").read_text(encoding="utf-8"))
    print(f"\n{'handwriting in a photo, ms':44}  slowest     best    x ours   numbers right")
    engines: dict[str, Ocr | str] = {"RapidOCR": _rapid_ocr(), "Tesseract": _tesseract()}
    for name, photo in photos.items():
        if photo is None:
            continue
        wanted = [number["text"] for number in truth[name]["numbers"]]
        picture = np.asarray(photo, np.uint8)
        ours = timed_read(recognizer, picture, seconds)
        _ocr_row(f"{name}: digitrec", (ours.median_ms, ours.best_ms), 1.0,
                 _right(wanted, [n.text for n in recognizer.read(picture).numbers]))  # fmt: skip
        for engine, read in engines.items():
            if isinstance(read, str):
                missing(f"{name}: {engine}", read)
                continue
            texts, times = _timed_ocr(read, picture)
            _ocr_row(f"{name}: {engine}", (max(times), min(times)), min(times) / ours.best_ms, _right(wanted, texts))


def _ocr_row(name: str, times_ms: tuple[float, float], ratio: float, right: str) -> None:
    print(f"{name:44} {times_ms[0]:8.1f} {times_ms[1]:8.1f} {ratio:9.1f} {right:>15}")


def _right(wanted: list[str], found: list[str]) -> str:
    left = list(found)
    right = 0
    for number in wanted:
        if number in left:
            left.remove(number)
            right += 1
    return f"{right} of {len(wanted)}"


def _timed_ocr(read: Ocr, picture: Image) -> tuple[list[str], list[float]]:
    """The texts, and the milliseconds of two readings; of one where that takes long."""
    times: list[float] = []
    texts: list[str] = []
    while len(times) < 2 and sum(times) < LONGEST_MS:
        start = time.perf_counter()
        texts = read(picture)
        times.append((time.perf_counter() - start) * 1000)
    return texts, times


def _rapid_ocr() -> Ocr | str:
    """RapidOCR with its own models (PP-OCR), of either package."""
    for package in ("rapidocr_onnxruntime", "rapidocr"):
        try:
            engine = importlib.import_module(package).RapidOCR()
        except ImportError:
            continue
        return lambda picture: _words(_rapid_texts(engine(picture)))
    return "not installed (pip install '.[compare]')"


def _rapid_texts(result: Any) -> list[str]:  # noqa: ANN401 - of two versions of a package without types
    if isinstance(result, tuple):  # the older one: rows of box, text, score
        return [row[1] for row in result[0] or []]
    return list(result.txts or [])


def _tesseract() -> Ocr | str:
    """Tesseract, told to look for scattered digits only."""
    if shutil.which("tesseract") is None:
        return "not installed (Debian: tesseract-ocr)"
    try:
        import pytesseract
    except ImportError:
        return "pytesseract is not installed (pip install '.[compare]')"
    options = "--psm 11 -c tessedit_char_whitelist=0123456789"
    return lambda picture: _words([pytesseract.image_to_string(picture[:, :, ::-1], config=options)])


def _words(texts: list[str]) -> list[str]:
    return [word for text in texts for word in re.findall(r"\d+", text)]
