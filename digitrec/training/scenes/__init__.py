"""Scenes made of real handwriting: paper, ink, layout and camera are drawn at random, the truth is known.

A crop of MNIST says little about a notebook under a desk lamp. Here digits and clutter glyphs are inked, set on paper
and photographed, so that the real ink and glyph stages can be run on them: for training crops and for measuring.
"""

from digitrec.training.scenes.bank import GlyphBank
from digitrec.training.scenes.render import Scene, TrueDigit, render
from digitrec.training.scenes.spec import CameraSpec, ClutterSpec, InkSpec, LayoutSpec, PaperSpec, SceneSpec
from digitrec.training.scenes.variety import random_spec

__all__ = [
    "CameraSpec",
    "ClutterSpec",
    "GlyphBank",
    "InkSpec",
    "LayoutSpec",
    "PaperSpec",
    "Scene",
    "SceneSpec",
    "TrueDigit",
    "random_spec",
    "render",
]
