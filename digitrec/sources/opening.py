"""One input -> its source, by what it holds and not by what its name says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from digitrec.errors import SourceError, UsageError
from digitrec.sources.backend import ffmpeg_capture
from digitrec.sources.base import Source, SourceOptions
from digitrec.sources.cameras import open_camera
from digitrec.sources.chain import ChainSource
from digitrec.sources.decoder import Clip
from digitrec.sources.grab import Capture
from digitrec.sources.images import GIVE_PICTURE, PictureSource, read_picture_file, read_standard_input
from digitrec.sources.live import CAMERA, STREAM, LiveSource
from digitrec.sources.mjpeg import MjpegCapture
from digitrec.sources.sniff import DEMUXERS, HEAD_BYTES, HOLDS, PICTURES, sniff
from digitrec.sources.specs import PICTURE_SUFFIXES, VIDEO_SUFFIXES, Item, Kind, expand
from digitrec.sources.video import VideoSource
from digitrec.sources.web import download, get, read_body, without_password

_GIVE_VIDEO = "Give an mp4, mov, mkv, webm, avi or gif file."
_MOST_WEB_BYTES = 64 << 20
_WAKE_S = 0.2
_Result = TypeVar("_Result")


def open_items(specs: Sequence[str], options: SourceOptions) -> Source:
    """What ``open_source`` does, in the part of the package that imports OpenCV."""
    if options.end_s is not None and options.end_s <= options.start_s:
        raise UsageError(f"--end {options.end_s:g} is not after --start {options.start_s:g}.")
    items = expand(specs)
    if len(items) == 1:
        return _open_item(items[0], options)
    if any(item.kind in {Kind.CAMERA, Kind.STREAM} for item in items):
        raise UsageError("a camera or stream never ends, so nothing can follow it. Give it alone.")
    return ChainSource(items, lambda item: _open_item(item, options))


def _open_item(item: Item, options: SourceOptions) -> Source:
    match item.kind:
        case Kind.CAMERA:
            index = int(item.text)
            return LiveSource(f"camera {index}", lambda: open_camera(index, options), options, CAMERA)
        case Kind.STREAM:
            return _open_rtsp(item.text, options)
        case Kind.WEB:
            return _open_web(item.text, options)
        case Kind.STANDARD_INPUT:
            picture = PictureSource.decode(read_standard_input(), "standard input")
            picture.name = "-"
            return picture
        case Kind.FILE:
            return _open_file(Path(item.text), item.name, options)
        case Kind.BAD:
            raise SourceError(item.problem)


def _open_file(path: Path, name: str, options: SourceOptions) -> Source:
    try:
        with path.open("rb") as file:
            kind = sniff(file.read(HEAD_BYTES))
    except OSError as error:
        raise SourceError(f"{name} cannot be opened: {error.strerror}. Check the file and its permissions.") from error
    suffix = path.suffix.lower()
    if kind == "jpg" and suffix in {".mjpg", ".mjpeg"}:  # pictures in a row begin like one picture
        kind = "mjpeg"
    if kind in DEMUXERS:
        return VideoSource(Clip(path, name, kind), options)
    if kind in PICTURES:
        return PictureSource.decode(read_picture_file(path, name), name)
    if suffix in VIDEO_SUFFIXES:
        raise SourceError(f"{name} cannot be read as a video: {HOLDS[kind]}. {_GIVE_VIDEO}")
    if suffix in PICTURE_SUFFIXES:
        raise SourceError(f"{name} cannot be read as a picture: {HOLDS[kind]}. {GIVE_PICTURE}")
    raise SourceError(f"{name} cannot be read: {HOLDS[kind]}. Give a picture (jpg, png ...) or a video (mp4, mkv ...).")


def _open_rtsp(url: str, options: SourceOptions) -> Source:
    name = without_password(url)

    def connect() -> Capture:
        capture = ffmpeg_capture(
            url, "rtsp", "rtsp,rtsps,tcp,udp,rtp,tls", _patience_s(options), extra="rtsp_transport;tcp"
        )
        if not capture.isOpened():
            capture.release()
            raise SourceError(
                f"{name} cannot be opened: no answer, or no video there. Check the address and the server."
            )
        return capture

    return LiveSource(name, connect, options, STREAM)


def _open_web(url: str, options: SourceOptions) -> Source:
    name, patience_s = without_password(url), _patience_s(options)

    def connect() -> MjpegCapture:
        response = get(url, patience_s)
        if response.headers.get_content_maintype() != "multipart":
            response.close()
            raise SourceError(f"{name} is no stream any more. Check the address.")
        return MjpegCapture(response, name, patience_s)

    def probe() -> MjpegCapture | bytes | str:
        """The stream, a whole picture, or the kind of what else it is."""
        response = get(url, patience_s)
        if response.headers.get_content_maintype() == "multipart":
            return MjpegCapture(response, name, patience_s)
        with response:
            head = read_body(response, HEAD_BYTES, name)
            kind = sniff(head)
            return head + read_body(response, _MOST_WEB_BYTES, name) if kind in PICTURES else kind

    found = _within(options.open_timeout_s, probe, name)
    if isinstance(found, MjpegCapture):
        return LiveSource(name, connect, options, STREAM, found)
    if isinstance(found, bytes):
        return PictureSource.decode(found, name)
    if found in DEMUXERS:
        return _open_web_video(Clip(url, name, found), options)
    raise SourceError(f"{name} cannot be read: {HOLDS[found]}. Give the address of a stream, a picture or a video.")


def _open_web_video(clip: Clip, options: SourceOptions) -> Source:
    try:
        return VideoSource(clip, options)
    except SourceError:
        # An mp4 whose index lies behind the pictures, on a server that cannot send parts (python -m http.server).
        folder = TemporaryDirectory(prefix="digitrec")
        target = Path(folder.name) / "video"
        try:
            download(str(clip.target), target, _patience_s(options))
            return VideoSource(Clip(target, clip.name, clip.kind), options, folder)
        except BaseException:
            folder.cleanup()
            raise


def _patience_s(options: SourceOptions) -> float:
    """How long the network may be silent: longer than a stall, which is told by the live source in better words."""
    return options.stall_s + 2.0


def _within(timeout_s: float, action: Callable[[], _Result], name: str) -> _Result:
    """Run in a thread that is left behind when it takes too long: a server may trickle for ever, a byte at a time."""
    results: list[_Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(action())
        except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
            errors.append(error)

    thread = threading.Thread(target=run, name=f"open {name}", daemon=True)
    thread.start()
    waited = 0.0
    while thread.is_alive() and waited < timeout_s:
        thread.join(_WAKE_S)
        waited += _WAKE_S
    if errors:
        raise errors[0]
    if not results:
        raise SourceError(f"{name} gave no picture within {timeout_s:g} s. Check the address and the server.")
    return results[0]
