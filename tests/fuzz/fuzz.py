"""Coverage-guided fuzzing of what parses outside bytes: ``python -m tests.fuzz.fuzz TARGET CORPUS [OPTION ...]``.

A finding is anything but an answer that holds its promises, or the one error that its caller expects.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["digitrec"]):
    from digitrec.classifier import Classifier
    from digitrec.errors import ModelError, OutputError, SourceError
    from digitrec.outputs import resume
    from digitrec.outputs.text import json_line
    from digitrec.recognizer import DEFAULT_MODEL, Recognizer
    from digitrec.sources import containers, images, mjpeg, sniff
    from digitrec.sources.grab import StreamEnd

import cv2
import numpy as np

from tests.camtools import frame_of, page, reading_of

FOLDER = Path(tempfile.mkdtemp(prefix="digitrec-fuzz-"))
MOST_PIXELS = 1 << 20
"""Instead of 110 million: a fuzzer finds the largest picture at once, and then does nothing but fill memory."""


def pictures(data: bytes) -> None:
    """A picture file becomes a picture or a SourceError."""
    try:
        image, _ = images.decode_picture(data, "x")
    except SourceError as error:
        assert "\n" not in error.message
        return
    assert image.dtype == np.uint8
    assert image.ndim == 3
    assert image.shape[2] == 3
    assert 0 < image.shape[0] * image.shape[1] <= MOST_PIXELS


def headers(data: bytes) -> None:
    """The kind, the size and the structure of a file are told from its bytes, whatever they are."""
    kind = sniff.sniff(data[: sniff.HEAD_BYTES])
    assert kind in sniff.PICTURES or kind in sniff.DEMUXERS or kind in sniff.HOLDS
    if kind in sniff.PICTURES:
        sniff.picture_size(kind, data)
    elif kind in sniff.DEMUXERS:
        path = FOLDER / "video"
        path.write_bytes(data)
        assert 0 <= containers.layout(path, kind).shown <= 1


class Answer(io.BytesIO):
    """What the MJPEG reader needs of an HTTP answer."""

    chunked = False

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        from email.message import Message

        self.headers = Message()
        self.headers["Content-Type"] = "multipart/x-mixed-replace; boundary=frame"


def streams(data: bytes) -> None:
    """An MJPEG answer gives pictures until it ends or is refused."""
    capture = mjpeg.MjpegCapture(Answer(data), "x", 1.0)  # type: ignore[arg-type]
    try:
        while True:
            ok, image = capture.read()
            assert ok == (image is not None)
    except (SourceError, StreamEnd):
        return


def models(data: bytes) -> None:
    """A model file answers with probabilities or is refused; nothing says that it is whole."""
    path = FOLDER / "model.tflite"
    path.write_bytes(data)
    try:
        rows = Classifier(path, threads=1).classify(np.zeros((3, 28, 28), np.uint8))
    except ModelError as error:
        assert "\n" not in error.message
        return
    assert rows.shape == (3, 11)


def lines(data: bytes) -> None:
    """What ``--resume`` continues keeps its beginning, up to the end of a line, or is refused and left as it was."""
    path = FOLDER / "o.jsonl"
    path.write_bytes(data)
    try:
        file = resume.ContinuedFile(path)
    except OutputError as error:
        assert "\n" not in error.message
        assert path.read_bytes() == data
        return
    file.close()
    held, kept = file.held, path.read_bytes()
    assert kept == data[: held.size]
    assert kept == b"" or kept.endswith(b"\n")
    assert 0 <= held.pictures <= sum(held.names.values()) <= kept.count(b"\n")


class Reader:
    """The recognizer on pictures whose size and content the fuzzer chooses."""

    def __init__(self) -> None:
        self._recognizer = Recognizer()

    def __call__(self, data: bytes) -> None:
        if len(data) < 4:
            return
        size = 1 + data[0] % 200, 1 + data[1] % 200
        small = np.resize(np.frombuffer(data[3:], np.uint8), (1 + size[0] // (1 + data[2] % 16), 1 + size[1] // 4, 3))
        image = cv2.resize(small, size[::-1], interpolation=cv2.INTER_NEAREST if data[2] & 16 else cv2.INTER_LINEAR)
        reading = self._recognizer.read(image if data[2] & 32 else np.ascontiguousarray(image[:, :, 0]))
        for digit in reading.digits:
            x, y, width, height = digit.box
            assert 0 <= x < x + width <= size[1]
            assert 0 <= y < y + height <= size[0]
            assert 0 <= digit.confidence <= 1
            assert abs(sum(digit.probabilities) - 1) < 1e-3
        assert "".join(number.text for number in reading.numbers) == "".join(str(d.digit) for d in reading.digits)


def metadata_mutator(data: bytes, most: int, seed: int) -> bytes:
    """Change the file around the weights: of a model's bytes 99 % are weights, whose changes lead nowhere."""
    from ai_edge_litert.schema_py_generated import Model

    rng = np.random.default_rng(seed)
    whole = bytearray(DEFAULT_MODEL.read_bytes())
    model = Model.GetRootAsModel(whole, 0)
    inside = np.zeros(len(whole), bool)
    start = np.frombuffer(whole, np.uint8).__array_interface__["data"][0]
    for index in range(model.BuffersLength()):
        if model.Buffers(index).DataLength() > 64:
            weights = model.Buffers(index).DataAsNumpy()
            at = weights.__array_interface__["data"][0] - start
            inside[at : at + len(weights)] = True
    places = np.flatnonzero(~inside)
    changed = bytearray(data) if len(data) == len(whole) and rng.random() < 0.5 else whole
    for place in map(int, rng.choice(places, rng.integers(1, 4))):
        if rng.random() < 0.5:
            place -= place % 4
            number = int(rng.choice([-1, 0, 1, 2, 5, 20, 65536, 2**31 - 1]))
            changed[place : place + 4] = number.to_bytes(4, "little", signed=True)
        else:
            changed[place] = int(rng.integers(256))
    return bytes(changed[:most])


def seeds(target: str) -> list[bytes]:
    """What the fuzzer begins with."""
    small = cv2.resize(page("72"), (40, 30), interpolation=cv2.INTER_AREA)
    clear = np.dstack([small, 255 - small[:, :, :1]])
    encoded = [cv2.imencode(kind, small)[1].tobytes() for kind in (".jpg", ".png", ".bmp", ".webp", ".tiff")]
    encoded += [cv2.imencode(kind, clear)[1].tobytes() for kind in (".png", ".webp", ".tiff")]
    encoded.append(cv2.imencode(".png", small.astype(np.uint16) * 257)[1].tobytes())
    if target == "streams":
        part = b"--frame\r\nContent-Type: image/jpeg\r\n"
        with_length = part + b"Content-Length: %d\r\n\r\n" % len(encoded[0]) + encoded[0] + b"\r\n"
        return [with_length * 2 + b"--frame--\r\n", part + b"\r\n" + encoded[0] + b"\r\n--frame--\r\n"]
    if target == "models":
        return [DEFAULT_MODEL.read_bytes()]
    if target == "lines":
        return _jsonl()
    if target == "recognizer":
        return [bytes([119, 159, kind]) + small.tobytes()[:3000] for kind in (0, 3, 20, 51)]
    return encoded + (_videos() if target == "headers" else [])


def _jsonl() -> list[bytes]:
    """A picture, a video of two frames, a picture of another name; whole, broken off, with the zeros of a power cut."""
    frames = [
        frame_of(0, 0.0, "a.png"),
        frame_of(0, 0.0, "v.mp4"),
        frame_of(1, 0.04, "v.mp4"),
        frame_of(1, 0.0, 'é".jpg'),
    ]
    text = "".join(json_line(frame, reading_of("7")) + "\n" for frame in frames)
    whole = text.encode()
    return [whole, whole[:-40], whole[:-40] + bytes(40), whole.splitlines(keepends=True)[0]]


def _videos() -> list[bytes]:
    found = []
    for kind, code in ((".mp4", "mp4v"), (".avi", "MJPG"), (".mkv", "MJPG")):
        path = str(FOLDER / f"seed{kind}")
        writer = cv2.VideoWriter(path, cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*code), 10, (16, 16))
        writer.write(np.zeros((16, 16, 3), np.uint8))
        writer.release()
        found.append(Path(path).read_bytes())
    return found


def main() -> None:
    """Fill an empty corpus and fuzz."""
    makers: dict[str, Callable[[], Callable[[bytes], None]]] = {
        "pictures": lambda: pictures, "headers": lambda: headers, "streams": lambda: streams,
        "lines": lambda: lines, "models": lambda: models, "recognizer": Reader,
    }  # fmt: skip
    if len(sys.argv) < 3 or sys.argv[1] not in makers:
        sys.exit(f"python -m tests.fuzz.fuzz {{{','.join(makers)}}} CORPUS [-max_total_time=SECONDS ...]")
    target, corpus = sys.argv.pop(1), Path(sys.argv[1])
    if not corpus.is_file():  # a finding, to see it again
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds(target) if not any(corpus.iterdir()) else []):
            (corpus / f"seed{number}").write_bytes(seed)
    images.MAX_PIXELS = MOST_PIXELS  # type: ignore[misc]
    longest = len(DEFAULT_MODEL.read_bytes()) if target == "models" else 8192
    more = {"custom_mutator": metadata_mutator} if target == "models" else {}
    arguments = [f"-max_len={longest}", "-timeout=60", "-rss_limit_mb=4096", *sys.argv[1:]]
    atheris.Setup([sys.argv[0], *arguments], makers[target](), **more)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
