"""The canvas: draw on the left, see what is read on the right.

``strokes``, ``layout``, ``marks``, ``keys``, ``prompt`` and ``session`` are the pure model (no pygame, no window);
``render`` turns a drawing into the picture that the recognizer reads; ``reader`` reads it in the background;
``saving``, ``collect`` and ``pictures`` read and write files; ``icons``, ``theme``, ``view``, ``panel``, ``popups``,
``control`` and ``app`` are the window.
"""
