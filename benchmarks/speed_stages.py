"""Where the time of one reading goes, by module, whatever the stages are called: their functions are timed in place."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from types import ModuleType
from typing import Any

from digitrec.recognizer import Recognizer
from digitrec.results import Image

STAGES = (
    "recognizer", "ink", "lines", "bridges", "glyphs", "normalise", "classifier", "views", "joins", "strings", "rows",
    "rowreading", "splitting", "belief", "settling", "levels", "candidates", "context", "numbers", "hints",
)  # fmt: skip
"""Modules of ``digitrec``; those that do not exist (any more) are left out."""

Patch = tuple[Any, str, Any]
"""Of an object, an attribute and what it was."""


class Stopwatch:
    """Milliseconds of processor time of each stage, without those that the stages it called took."""

    def __init__(self) -> None:
        self.times_ms: dict[str, float] = {}
        self._inner_ms = [0.0]

    def timed(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        """``function``, which adds to ``stage`` what it takes."""

        @functools.wraps(function)
        def wrapper(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - any function is wrapped
            self._inner_ms.append(0.0)
            start = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                took_ms = (time.process_time() - start) * 1000
                own_ms = took_ms - self._inner_ms.pop()
                self._inner_ms[-1] += took_ms
                self.times_ms[stage] = self.times_ms.get(stage, 0.0) + own_ms

        return wrapper


def stage_times(recognizer: Recognizer, image: Image, seconds: float) -> dict[str, float]:
    """Median milliseconds of processor time of each module in reading ``image``."""
    watch = Stopwatch()
    rounds: list[dict[str, float]] = []
    with _timed(watch):
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or len(rounds) < 4:
            recognizer.forget()
            watch.times_ms = {}
            recognizer.read(image)
            rounds.append(watch.times_ms)
    rounds = rounds[1:]  # the first fills caches
    return {name: median(times.get(name, 0.0) for times in rounds) for name in set().union(*rounds)}


@contextmanager
def _timed(watch: Stopwatch) -> Iterator[None]:
    """Functions and methods of all stages are timed inside."""
    patches: list[Patch] = []
    try:
        for stage in STAGES:
            try:
                module = importlib.import_module(f"digitrec.{stage}")
            except ModuleNotFoundError:
                continue
            patches += _patch(module, stage, watch)
        yield
    finally:
        for owner, name, before in reversed(patches):
            setattr(owner, name, before)


def _patch(module: ModuleType, stage: str, watch: Stopwatch) -> list[Patch]:
    patches: list[Patch] = []
    for name, value in list(vars(module).items()):
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(value):
            methods = [n for n, v in vars(value).items() if inspect.isfunction(v) and _is_entry(n, v)]
            patches += [_replace(value, method, watch, stage) for method in methods]
        elif inspect.isfunction(value) and _is_entry(name, value):
            patches += [_replace(user, own, watch, stage) for user, own in _users(value)]
    return patches


def _is_entry(name: str, function: Callable[..., Any]) -> bool:
    """Other modules call it; what a generator takes is counted where it is iterated."""
    return (name == "__init__" or not name.startswith("_")) and not inspect.isgeneratorfunction(function)


def _users(function: Callable[..., Any]) -> list[tuple[ModuleType, str]]:
    """The modules that know a function, each with its name there."""
    modules = [m for n, m in sys.modules.items() if n.startswith("digitrec.") and isinstance(m, ModuleType)]
    return [(m, name) for m in modules for name, value in list(vars(m).items()) if value is function]


def _replace(owner: Any, name: str, watch: Stopwatch, stage: str) -> Patch:  # noqa: ANN401 - a module or a class
    before = vars(owner)[name]
    setattr(owner, name, watch.timed(before, stage))
    return owner, name, before
