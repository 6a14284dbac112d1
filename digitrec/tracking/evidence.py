"""What a track believes of its class: all looks at it, older ones fading, and a label that does not dance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from digitrec.results import NOT_A_DIGIT
from digitrec.tracking.glyphs import FLOOR, Floats

FADE_S = 0.7
"""A look counts 1/e after so long, seconds: a digit written over changes its label within about half a second."""

MARGIN = 1.0
"""Another class must lead by this much, in mean log-probability (odds of e to one), before the label changes."""


class Evidence:
    """The fading mean of log-probabilities.

    Args:
        log_probabilities: (11,) of the first look.

    Attributes:
        total, weight: the faded sum of all looks, (11,), and how many they are worth.
        label: 0-9.
        probabilities: (11,) the mean, summing to 1.
    """

    def __init__(self, log_probabilities: Floats) -> None:
        self.total = log_probabilities
        self.weight = 1.0
        self.label = int(log_probabilities[:NOT_A_DIGIT].argmax())
        self.probabilities = _probabilities(log_probabilities[None])[0]

    @property
    def confidence(self) -> float:
        """That the label is right, 0-1."""
        return float(self.probabilities[self.label])


def add_looks(beliefs: Sequence[Evidence], logs: Floats, ages_s: Sequence[float], free: Sequence[bool]) -> None:
    """One more look at each of N tracks.

    Args:
        beliefs: what they believed.
        logs: (N, 11) log-probabilities of the new looks.
        ages_s: seconds since the looks before.
        free: nobody has been shown the label yet, so that the best one is taken.
    """
    if not beliefs:
        return
    keep = np.exp(-np.asarray(ages_s) / FADE_S)
    sums = np.array([b.total for b in beliefs]) * keep[:, None] + logs
    weights = np.array([b.weight for b in beliefs]) * keep + 1
    means = sums / weights[:, None]
    raised = _probabilities(means)
    bests = means[:, :NOT_A_DIGIT].argmax(axis=1).tolist()
    for i, (belief, best, weight) in enumerate(zip(beliefs, bests, weights.tolist(), strict=True)):
        belief.total, belief.weight, belief.probabilities = sums[i], weight, raised[i]
        if free[i] or means[i, best] - means[i, belief.label] > MARGIN:
            belief.label = best


def _probabilities(means: Floats) -> Floats:
    """(N, 11) mean log-probabilities -> probabilities, in which the floor is nothing again: ten times it is a lot."""
    raised = (np.exp(means) - FLOOR).clip(1e-6)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float64)
