"""Cameras, files and models at fault, as whole runs of cam.py: exit code, one line, what was read is kept.

The stages by themselves stand in test_sources_live.py (stalls, reconnecting, streams), test_sources_specs.py (names,
numbers, permissions), test_sources_video.py and test_sources_images.py (damage, names, kinds), test_classifier.py;
options and outputs in test_cli.py and test_outputs.py; signals, kill -9, full disks and closed pipes in
test_cli_process.py and test_faults_process.py; displays in test_window.py.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec.recognizer import DEFAULT_MODEL
from tests.camtools import make_clip, page
from tests.damage import with_bias, with_output_before_the_last_layers, without_weights
from tests.faults import Case, Runs, check
from tests.streams import END, Reply, Server, frames, jpeg, part, then_stall
from tests.test_sources_images import png_header

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX files and devices")

SOME_NUMBER = r"\d+\.\d s  72\n(.*\n)*"

CAMERA = {
    "unplugged": Case("0", 4, r"camera 0 gave no frame for 3 s \(unplugged, or .*--list-cameras", fault="unplugged"),
    "silent": Case("0", 4, r"camera 0 gave no frame for 3 s \(unplugged, or .*--list-cameras", "", fault="silent"),
    "hangs": Case("0", 4, r"camera 0 gave no frame for 3 s \(unplugged, or .*--list-cameras", fault="hangs"),
    "driver": Case("0", 4, r"camera 0 failed in its driver: .* plug it in again", fault="driver"),
    "repeats": Case("0", 4, r"camera 0 repeats one and the same frame \(unplugged, or asleep", fault="repeats"),
    "goes black": Case("0", 4, r"camera 0 gives only black frames \(covered", fault="goes black"),
    "dark at first": Case("0", 0, "", SOME_NUMBER, fault="dark at first"),
    "fps 0": Case("0 --out o.jsonl --out o.avi", 0, "", "", fault="fps 0"),
    "fps nan": Case("0 --out o.jsonl --out o.avi", 0, "", "", fault="fps nan"),
    "fps 1000": Case("0 --out o.jsonl --out o.avi", 0, "", "", fault="fps 1000"),
    "sizes": Case("0 --out o.jsonl --out o.avi", 0, "", "", fault="sizes"),
    "grey": Case("0", 0, "", SOME_NUMBER, fault="grey"),
    "two channels": Case("0", 0, fault="two channels"),
    "odd frames": Case("0", 0, "", SOME_NUMBER, fault="odd frames"),
    "negative": Case("-1", 4, r"camera -1 does not exist: cameras are numbered from 0"),
    "of no number": Case("98", 4, r"camera 98 does not exist: "),
    "busy": Case("0", 4, r"camera 0 cannot be opened \(in use by another program", "", fault="busy"),
    "forbidden": Case("0", 4, "camera 0 may not be opened: you have no permission", "", fault="forbidden"),
    "two of a name": Case(
        "webcam", 4, r"webcam is part of the names of camera 0 \(.*\), camera 2", "", fault="two of a name"
    ),
    "of no name": Case("no-such-camera", 4, r"'no-such-camera' cannot be opened: no file and no camera"),
}

FILES = {
    "a pipe beside others": Case("{in}/pipe {in}/page.png", 3, "pipe cannot be read: it is a pipe", ".*page.png: 72\n"),
    "socket": Case("{in}/socket", 4, "socket cannot be read: it is a socket", ""),
    "folder of nothing": Case("{in}/model", 4, "model holds no picture and no video", ""),
    "device": Case("/dev/zero", 4, "/dev/zero cannot be read: it is a device", ""),
    "mp4 in half": Case("{in}/half.mp4", 4, r"half.mp4 cannot be read: it was cut off before its index", ""),
    "avi at two thirds": Case("{in}/short.avi --out o.jsonl", 3, r"short.avi is cut short: \d+ of 30 frames", ""),
    "packets wiped": Case(
        "{in}/wiped.mp4 --out o.jsonl", 3, r"wiped.mp4 is damaged: \d+ of its 30 frames could be", ""
    ),
    "unknown codec": Case("{in}/codec.mp4", 4, "codec.mp4 cannot be read: .* Convert it: ffmpeg", ""),
    "playlist": Case("{in}/list.mp4", 4, "it is a playlist or script that points to other files", ""),
    "concat script": Case("{in}/concat.mp4", 4, "it is a playlist or script that points to other files", ""),
    "leading dash": Case("-- -dash.png", 0, "", "-dash.png: 72\n"),
    "transparent": Case("{in}/clear.png", 0, "", ".*clear.png: 72\n"),
    "jpeg cut": Case("{in}/cut.jpg", 3, "cut.jpg is cut short: what is missing was not read", ".*cut.jpg: .*\n"),
    "huge": Case("{in}/huge.png", 4, "huge.png is refused: 20000 x 20000 pixels are more than 110 million", ""),
    "one pixel": Case("{in}/1x1.png", 0, "", r".*1x1.png: -  \(.*\)\n"),
    "thin": Case("{in}/thin.png", 0, "", r".*thin.png: -  \(.*\)\n"),
    "pictures of many kinds": Case("{in}/kinds", 0, "", "(.*: 72\n){7}"),
    "an animated webp": Case("{in}/kinds/moving/72.webp", 3, "72.webp holds 2 pictures; only the first", ".*: 72\n"),
    "an animated png": Case("{in}/kinds/moving/72.png", 3, "72.png holds 2 pictures; only the first", ".*: 72\n"),
    "odd names": Case("{in}/names", 0, "", "(.*: 72\n){5}"),
    "no picture on stdin": Case("-", 4, "standard input cannot be read as a picture: it is empty", ""),
    "server hangs": Case("{server}/silent", 4, "/silent (gave no frame for 3 s|stalls)", ""),
    "stream without end": Case("{server}/endless --end 2", 0, "", SOME_NUMBER),
    "stream that falls silent": Case("{server}/stalls", 4, "/stalls gave no frame for 3 s", SOME_NUMBER),
    "stream that breaks off": Case("{server}/dies", 4, "/dies broke off: the server closed", SOME_NUMBER),
    "damaged pictures in a stream": Case("{server}/damaged", 0, "/damaged sent 60 damaged pictures", SOME_NUMBER),
    "redirect to a file": Case("{server}/to-file", 4, r"to-file cannot be opened: it redirects .* than http\(s\)", ""),
}

MODEL = {
    "nan": Case("{in}/page.png --model {in}/nan.tflite", 5, r"nan.tflite does not answer with probabilities", ""),
    "shape": Case(  # LiteRT 2.0 crashes in running it
        "{in}/page.png --model {in}/shape.tflite",
        5,
        "shape.tflite is (not a digit model: it maps|damaged .* crashed)",
        "",
    ),
    "flipped": Case("{in}/page.png --model {in}/model/digits.tflite", 5, "its SHA-256 differs from SHA256SUMS", ""),
    "gutted": Case(
        "{in}/page.png --model {in}/gutted.tflite", 5, "gutted.tflite is damaged .* LiteRT (crashed|failed)", ""
    ),
    "h5": Case("{in}/page.png --model {in}/old.h5", 5, r"old.h5 is no .tflite model: other formats can run code", ""),
    "pickle": Case("{in}/page.png --model {in}/pickle.tflite", 5, "pickle.tflite is damaged or no LiteRT model", ""),
    "zip": Case("{in}/page.png --model {in}/zip.tflite", 5, "zip.tflite is damaged or no LiteRT model", ""),
    "missing": Case("{in}/page.png --model {in}/no.tflite", 5, "no.tflite cannot be read: No such file", ""),
}

OUTPUT = {
    "pipe without a reader": Case(
        "{in}/page.png --force --out {in}/pipe.jsonl", 6, "pipe.jsonl cannot be written: it is a pipe that nobody", ""
    ),
    "pipe for a video": Case(
        "{in}/page.png --force --out {in}/pipe.mkv", 6, "pipe.mkv cannot be written: a video needs a file", ""
    ),
    "pipe for an mp4": Case(
        "{in}/page.png --force --out {in}/pipe.mp4", 6, "pipe.mp4 cannot be written: a video needs a file", ""
    ),
    "device for a video": Case(
        "{in}/page.png --force --out {in}/null.avi", 6, "null.avi cannot be written: a video needs a file", ""
    ),
    "pipe for labels": Case("{in}/page.png --save-crops {in}/crops", 6, "labels.csv cannot be written: it is a pipe"),
    "too long a name": Case(f"{{in}}/page.png --out {'n' * 300}.jsonl", 6, "n.jsonl cannot be written: .*too long", ""),
    "below a file": Case("{in}/page.png --out {in}/page.png/o.csv", 6, "page.png is a file, no folder", ""),
    "no output of ours": Case(
        "{in}/page.png --resume --out {in}/odd.jsonl", 6, "odd.jsonl line 1 is no reading of cam.py. Choose another", ""
    ),
    "a link to nowhere": Case("{in}/page.png --out {in}/nowhere.mp4", 6, "nowhere.mp4 exists already", ""),
}

TABLE = {**CAMERA, **FILES, **MODEL, **OUTPUT}
MOVING = [part(jpeg(page("72", (160, 120), shift=n % 5))) for n in range(60)]
STREAMS = {
    "/stalls": Reply(lambda closing: then_silent(paced(MOVING, closing), closing)),
    "/dies": Reply(lambda closing: paced(MOVING, closing)),
    "/damaged": Reply(
        lambda closing: paced([half for whole in MOVING for half in (whole, damaged())] + [END], closing)
    ),
    "/silent": Reply(then_stall()),
    "/endless": Reply(frames([page("72", (160, 120), shift=n) for n in range(5)], again=True)),
    "/to-file": Reply(b"", "text/plain", 302, {"Location": "file:///etc/hostname"}),
}


def then_silent(chunks: Iterator[bytes], closing: threading.Event) -> Iterator[bytes]:
    """Afterwards the connection stays open."""
    yield from chunks
    closing.wait()


def paced(chunks: list[bytes], closing: threading.Event) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        if closing.wait(0.02):
            return


def mixed(chunks: list[bytes], between: bytes) -> list[bytes]:
    return [chunk for each in chunks for chunk in (each, between)]


def damaged() -> bytes:
    """A part whose picture has its end, and damage before it, of which libjpeg complains on standard error."""
    data = bytearray(jpeg(page("72")))
    at = data.index(b"\xff\xda") + 300
    data[at : at + 40] = bytes([0x55]) * 40
    return part(bytes(data))


def wiped(data: bytes) -> bytes:
    """All packets of an mp4 but the first ones overwritten."""
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    keep = (end - start) // 3
    return data[: start + keep] + bytes(end - start - keep) + data[end:]


def save_kinds(folder: Path) -> None:
    """The same page in the kinds of pictures that need more than being decoded."""
    pil = pytest.importorskip("PIL.Image", reason="Pillow makes the pictures")
    folder.mkdir()
    whole = pil.fromarray(page("72"))
    ink = pil.fromarray(transparent())
    turned = pil.Exif()
    turned[0x0112] = 6
    whole.rotate(90, expand=True).save(folder / "turned.jpg", exif=turned)
    whole.convert("CMYK").save(folder / "cmyk.jpg")
    whole.convert("1").save(folder / "one-bit.png")
    whole.convert("P").save(folder / "palette.png")
    ink.save(folder / "clear.png")
    ink.convert("LA").save(folder / "grey-clear.png")
    pil.fromarray(page("72")[:, :, 0].astype(np.uint16) * 257).save(folder / "deep.png")
    (folder / "moving").mkdir()
    for kind in ("webp", "png"):
        target, more = folder / "moving" / f"72.{kind}", [pil.new("RGB", whole.size)]
        whole.save(target, save_all=True, append_images=more, lossless=True)


def save_names(folder: Path) -> None:
    """Names that a shell, a URL or a pattern would take for something else."""
    folder.mkdir()
    for name in (
        'it\'s "72" #1.png',
        "sieben \N{CJK UNIFIED IDEOGRAPH-4E03}.png",
        "n" * 246 + ".png",
        "[1-9]*?.png",
        "%20&.png",
    ):
        (folder / name).write_bytes(cv2.imencode(".png", page("72"))[1].tobytes())


def transparent() -> np.ndarray:
    """Black throughout; the ink is in the alpha channel alone."""
    image = np.zeros((240, 320, 4), np.uint8)
    image[:, :, 3] = np.where(page("72")[:, :, 0] < 150, 255, 0)
    return image


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    movie = make_clip(folder / "clip.mp4", ["72"] * 30).read_bytes()
    (folder / "half.mp4").write_bytes(movie[: len(movie) // 2])
    (folder / "wiped.mp4").write_bytes(wiped(movie))
    (folder / "codec.mp4").write_bytes(movie.replace(b"mp4v", b"zzzz").replace(b"esds", b"free"))
    (folder / "list.mp4").write_text("#EXTM3U\n#EXTINF:1,\nclip.mp4\n")
    clip = make_clip(folder / "clip.avi", ["72"] * 30).read_bytes()
    (folder / "short.avi").write_bytes(clip[: len(clip) * 2 // 3])
    cv2.imwrite(str(folder / "page.png"), page("72"))
    cv2.imwrite(str(folder / "clear.png"), transparent())
    cv2.imwrite(str(folder / "1x1.png"), np.zeros((1, 1), np.uint8))
    cv2.imwrite(str(folder / "thin.png"), np.zeros((1, 10000), np.uint8))
    (folder / "huge.png").write_bytes(png_header(20000, 20000))
    photo = cv2.imencode(".jpg", page("72"))[1].tobytes()
    (folder / "cut.jpg").write_bytes(photo[: len(photo) * 2 // 3])
    (folder / "odd.jsonl").write_text('{"source": "a.png", "frame": 0, "time_s": 0.-0, "size": [1, 1]}\n')
    save_kinds(folder / "kinds")
    save_names(folder / "names")
    cv2.imwrite(str(folder / "-dash.png"), page("72"))
    (folder / "concat.mp4").write_text("ffconcat version 1.0\nfile clip.mp4\n")
    (folder / "crops").mkdir()
    for name in ("pipe", "pipe.jsonl", "pipe.mkv", "pipe.mp4", "crops/labels.csv"):
        os.mkfifo(folder / name)
    os.mknod(folder / "socket", stat.S_IFSOCK | 0o600)
    (folder / "null.avi").symlink_to(os.devnull)
    (folder / "nowhere.mp4").symlink_to("no-such-file")
    model = DEFAULT_MODEL.read_bytes()
    (folder / "nan.tflite").write_bytes(with_bias(model, float("nan")))
    (folder / "gutted.tflite").write_bytes(without_weights(model))
    (folder / "shape.tflite").write_bytes(with_output_before_the_last_layers(model))
    (folder / "old.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    (folder / "pickle.tflite").write_bytes(b"\x80\x04\x95" + bytes(40))
    (folder / "zip.tflite").write_bytes(b"PK\x03\x04" + bytes(40))
    (folder / "model").mkdir()
    changed = bytearray(model)
    changed[len(model) // 2] ^= 4
    (folder / "model" / DEFAULT_MODEL.name).write_bytes(changed)
    (folder / "model" / "SHA256SUMS").write_bytes((DEFAULT_MODEL.parent / "SHA256SUMS").read_bytes())
    return folder


@pytest.fixture(scope="module")
def runs(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    with Server(STREAMS) as server:
        cases = {
            name: replace(case, arguments=case.arguments.replace("{server}", server.url("")))
            for name, case in TABLE.items()
        }
        runs = Runs(cases, inputs, tmp_path_factory.mktemp("runs"))
        yield runs
        runs.close()


@pytest.mark.parametrize("name", TABLE)
def test_a_fault_ends_in_one_line_with_its_exit_code(name: str, runs: Runs) -> None:
    check(TABLE[name], runs.of(name))


@pytest.mark.parametrize(("name", "least"), [("avi at two thirds", 15), ("packets wiped", 1)])
def test_what_was_read_before_the_damage_is_kept(name: str, least: int, runs: Runs) -> None:
    runs.of(name)
    lines = [json.loads(line) for line in (runs.cwd(name) / "o.jsonl").read_text().splitlines()]
    assert [line["frame"] for line in lines] == list(range(len(lines)))
    assert len(lines) >= least
    assert lines[0]["numbers"][0]["text"] == "72"


@pytest.mark.parametrize("name", ["fps 0", "fps nan", "fps 1000", "sizes"])
def test_a_camera_that_claims_nonsense_is_recorded_by_the_clock(name: str, runs: Runs) -> None:
    runs.of(name)
    times = [json.loads(line)["time_s"] for line in (runs.cwd(name) / "o.jsonl").read_text().splitlines()]
    assert all(before < after for before, after in pairwise(times))
    capture = cv2.VideoCapture(str(runs.cwd(name) / "o.avi"))
    length_s = capture.get(cv2.CAP_PROP_FRAME_COUNT) / capture.get(cv2.CAP_PROP_FPS)
    assert length_s == pytest.approx(times[-1], abs=0.15)
