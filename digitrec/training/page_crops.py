"""Crops that the front end cuts from rendered scenes and from cheques: what the shipped network learns from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from digitrec.classifier import Classifier
from digitrec.console import Console
from digitrec.results import Image
from digitrec.training.arrays import load_digits
from digitrec.training.cheques import load_cheques
from digitrec.training.crops import crops_of
from digitrec.training.data import (
    MNIST_VALIDATION,
    OPTDIGITS_TRAINED,
    Samples,
    letter_pictures,
    load_mnist,
    symbol_pictures,
)
from digitrec.training.progress import Bar
from digitrec.training.scenes import GlyphBank, random_spec, render
from digitrec.training.workers import worker_pool

_JOBS = 2
_SCENES_A_JOB = 100


@dataclass(frozen=True, slots=True)
class Pages:
    """What a worker needs to make crops.

    Attributes:
        data_dir: folder of the sets.
        model: a ``.tflite`` that tells which pieces of ink are in question.
        seed: of everything random.
    """

    data_dir: Path
    model: Path
    seed: int


def make_crops(pages: Pages, scenes: int) -> Samples:
    """Labelled crops of rendered scenes and, where they are there, of the trained part of the cheques."""
    starts = range(0, scenes, _SCENES_A_JOB)
    bar = Bar(Console(), "scenes", len(starts))
    parts = []
    with worker_pool(_JOBS) as pool:
        for part in pool.map(partial(_scene_crops, pages, scenes), starts):
            parts.append(part)
            bar.step()
    bar.close()
    # Real paper is rarer than rendered paper: shown twice.
    parts += [_cheque_crops(pages)] * 2
    return Samples.join([p for p in parts if len(p)])


def _scene_crops(pages: Pages, scenes: int, start: int) -> Samples:
    cv2.setNumThreads(1)
    bank, classifier = training_bank(pages.data_dir), Classifier(pages.model, threads=1)
    parts = []
    for index in range(start, min(scenes, start + _SCENES_A_JOB)):
        rng = np.random.default_rng([pages.seed, 2, index])
        scene = render(random_spec(rng), bank, rng)
        truth = [(d.box, d.digit) for d in scene.digits]
        parts.append(crops_of(scene.image, truth, scene.ignored, classifier, rng))
    return Samples.join(parts)


def training_bank(data_dir: Path) -> GlyphBank:
    """The glyphs that training scenes are written with: none of a validation part, test part or held-back writer."""
    mnist, _ = load_mnist(data_dir)
    mnist = mnist.take(slice(None, -MNIST_VALIDATION))
    digits: list[Image] = list(mnist.x)
    labels = [int(y) for y in mnist.y]
    # Optdigits are few, and of other writers: shown four times as often.
    for name, share, times in (("usps_train.npz", 1.0, 1), ("optdigits_train.npz", OPTDIGITS_TRAINED, 4)):
        if (data_dir / name).is_file():
            x, y = load_digits(data_dir / name)
            count = int(len(y) * share)
            digits += list(x[:count]) * times
            labels += y[:count].tolist() * times
    # Symbols are many and alike: every fourth, so that letters stay in the majority's sight.
    clutter = letter_pictures(data_dir, held_back=False) + symbol_pictures(data_dir, held_back=False)[::4]
    return GlyphBank(digits, labels, clutter)


def _cheque_crops(pages: Pages) -> Samples:
    classifier = Classifier(pages.model, threads=1)
    parts = [Samples(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.int64))]
    for number, image, truth in load_cheques(pages.data_dir):
        parts.append(crops_of(image, truth, (), classifier, np.random.default_rng([pages.seed, 3, number])))
    return Samples.join(parts)
