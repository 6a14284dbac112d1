"""Line drawings of the buttons: polylines in a square of 24 units, inked by the same code as the drawing."""

from __future__ import annotations

from itertools import pairwise

from digitrec.canvas.strokes import Stroke

_LINES = {
    "undo": "8,5 4,9 8,13; 4,9 13,9; ~13,9 17.5,10.3 20,14.5 17.5,18.7 13,20; 13,20 10,20",
    "redo": "16,5 20,9 16,13; 20,9 11,9; ~11,9 6.5,10.3 4,14.5 6.5,18.7 11,20; 11,20 14,20",
    "eraser": "9,20 3.5,14.5 13.5,4.5 20.5,11.5 12,20 9,20; 8.5,9.5 15.5,16.5; 12,20 20.5,20",
    "thinner": "6,12 18,12",
    "thicker": "6,12 18,12; 12,6 12,18",
    "clear": "4,7 20,7; 9,7 9.5,4 14.5,4 15,7; 6,7 7,20 17,20 18,7; 10,11 10.3,16; 14,11 13.7,16",
    "done": "4.5,12.5 9.5,17.5 19.5,6.5",
    "save": "12,4 12,14.5; 7.5,10.5 12,15 16.5,10.5; 4.5,16 4.5,20 19.5,20 19.5,16",
    "help": "~8.3,9 9,6 12,4.8 15,6 15.5,9 12.3,12 12,15; 12,19.3 12,19.4",
}
"""Name -> lines; one that begins with ``~`` is a curve through its points."""

WIDTH = 2.0


def icon_strokes(name: str) -> tuple[Stroke, ...]:
    """The strokes of an icon, in units of a square of 24."""
    strokes = []
    for line in _LINES[name].split(";"):
        curved = line.strip().startswith("~")
        points = [_point(pair) for pair in line.strip().removeprefix("~").split()]
        strokes += [Stroke(tuple(points), WIDTH)] if curved else [Stroke(two, WIDTH) for two in pairwise(points)]
    return tuple(strokes)


def _point(pair: str) -> tuple[float, float]:
    x, y = pair.split(",")
    return float(x), float(y)
