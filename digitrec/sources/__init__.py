"""Where frames come from: camera, video, pictures, network stream.

Nothing heavy is imported until ``open_source`` or ``list_cameras`` is called.
"""

from __future__ import annotations

from collections.abc import Sequence

from digitrec.sources.base import Source, SourceOptions
from digitrec.sources.cameras import CameraInfo, list_cameras

__all__ = ["CameraInfo", "Source", "SourceOptions", "list_cameras", "open_source"]


def open_source(specs: Sequence[str], options: SourceOptions | None = None) -> Source:
    """Open the SOURCE arguments of the command line.

    Args:
        specs: camera number or part of its name, video file, picture, folder, glob (``**`` too), ``http(s)://`` or
            ``rtsp://`` stream, ``-`` (a picture on standard input); several are chained; none: the first camera.
        options: None: the defaults.

    Returns:
        The source; a ``digitrec.sources.live.LiveSource`` where ``is_live`` is true (``read``, ``status``,
        ``reconnect``, ``dropped``).

    Raises:
        SourceError: nothing can be opened, with the one line to show.
        UsageError: the arguments contradict each other.
    """
    from digitrec.sources.opening import open_items

    return open_items(specs, options or SourceOptions())
