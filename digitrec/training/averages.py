"""The optimizer of both trainers, and means of weights: over a run's steps, and of a run's start and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras


class Learning(Protocol):
    """What a recipe says of the optimizer."""

    @property
    def learning_rate(self) -> float:
        """The peak."""
        ...

    @property
    def weight_decay(self) -> float:
        """AdamW's."""
        ...

    @property
    def average(self) -> float:
        """Decay of the moving average of the weights, per step."""
        ...


def averaging_optimizer(recipe: Learning, warm_up: int, falling: int) -> keras.optimizers.Optimizer:
    """AdamW that also keeps a moving average of the weights; its rate warms up and then falls along half a cosine.

    Args:
        recipe: the rate at its peak, and so on.
        warm_up: steps.
        falling: steps after these.
    """
    import keras

    peak = recipe.learning_rate
    schedule = keras.optimizers.schedules.CosineDecay(
        peak / 20, decay_steps=max(1, falling), warmup_target=peak, warmup_steps=warm_up
    )
    return keras.optimizers.AdamW(
        schedule, weight_decay=recipe.weight_decay, use_ema=True, ema_momentum=recipe.average, clipnorm=1.0
    )


def use_averages(model: keras.Model) -> None:
    """Put the moving averages of the weights in their place."""
    averages = model.optimizer._model_variables_moving_average
    for variable, average in zip(model.trainable_variables, averages, strict=True):
        variable.assign(average)


def mix_weights(model: keras.Model, begun: list[NDArray[np.float32]], kept: float) -> None:
    """Put the mean of the weights and of those that it began with in their place, ``kept`` the share of the latter."""
    model.set_weights([(1 - kept) * new + kept * old for new, old in zip(model.get_weights(), begun, strict=True)])
