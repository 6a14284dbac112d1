"""The canvas: draw on the left, see what is read on the right.

``strokes``, ``layout``, ``labels``, ``marks``, ``keys``, ``prompt``, ``sheet``, ``session`` and ``wording`` are the
pure model (no pygame, no window); ``render`` turns a drawing into the picture that the recognizer reads; ``reader``
reads it in the background; ``saving``, ``collect`` and ``pictures`` read and write files; the rest is the window:
``app`` is its loop, ``control`` carries out what the person does, and ``view``, ``markings``, ``panel`` and ``popups``
draw.
"""
