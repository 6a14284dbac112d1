"""Real command lines in subprocesses: exit codes, the one line, what goes where."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from digitrec import session
from digitrec.archive import Step
from digitrec.cli import DEMO, Options, main, parse
from digitrec.console import Console
from digitrec.errors import UsageError
from digitrec.interrupts import Interrupted, Interrupts
from digitrec.outputs.base import Moment
from digitrec.results import Image, Reading
from tests import camtools
from tests.camtools import CAM, cam, clean_environment, frame_of, make_clip, page, reading_of


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with inputs of all kinds; tests write to folders of their own."""
    folder = tmp_path_factory.mktemp("files")
    make_clip(folder / "clip.mp4", ["72"] * 12 + ["4"] * 12)
    make_clip(folder / "small.avi", ["7"] * 5, (160, 120))
    cv2.imwrite(str(folder / "page.png"), page("714"))
    cv2.imwrite(str(folder / "blank.png"), np.full((240, 320, 3), 215, np.uint8))
    (folder / "broken.png").write_bytes((folder / "page.png").read_bytes()[:40])
    (folder / "text.mp4").write_text("no video\n" * 100)
    (folder / "damaged.tflite").write_bytes(b"\0\0\0\0TFL3" + b"\x07" * 500)
    (folder / "empty.mp4").touch()
    (folder / "nothing").mkdir()
    return folder


REFUSED = [
    # arguments, exit code, the line
    (["--frobnicate"], 2, "unrecognized arguments: --frobnicate"),
    (["--out"], 2, "--out: expected one argument"),
    (["{in}/page.png", "--out", "x.xyz"], 2, "x.xyz: its kind is not known"),
    (["{in}/page.png", "--out", "a.jsonl", "--out", "./a.jsonl"], 2, "given twice"),
    (["{in}/page.png", "--out", "-", "--out", "-"], 2, "given twice"),
    (["{in}/page.png", "--min-confidence", "1.5"], 2, "'1.5' is not a probability"),
    (["{in}/page.png", "--min-confidence", "nan"], 2, "'nan' is not a probability"),
    (["--width", "-5"], 2, "'-5' is not a number of pixels"),
    (["--width", "0"], 2, "'0' is not a number of pixels"),
    (["--fps", "fast"], 2, "'fast' is not a frame rate"),
    (["{in}/clip.mp4", "--start", "2", "--end", "1"], 2, "--end 1 is not after --start 2"),
    (["--demo", "{in}/clip.mp4"], 2, "--demo brings its own SOURCE"),
    (["{in}/clip.mp4", "--force", "--out", "{in}/clip.mp4"], 2, "also an input"),
    (["{in}/*.mp4", "--force", "--out", "{in}/clip.mp4"], 2, "also an input"),
    (["{in}/missing.mp4"], 4, "missing.mp4"),
    (["{in}/text.mp4"], 4, "text.mp4"),
    (["{in}/empty.mp4"], 4, "empty.mp4"),
    (["{in}/nothing"], 4, "nothing"),
    (["{in}/clip.mp4", "--start", "100"], 4, "clip.mp4"),
    (["{in}/page.png", "--model", "{in}/missing.tflite"], 5, "missing.tflite"),
    (["{in}/page.png", "--model", "{in}/damaged.tflite"], 5, "damaged.tflite"),
    (["{in}/page.png", "--out", "no/such/folder/x.jsonl"], 6, "the folder no/such/folder does not exist"),
    (["{in}/page.png", "--out", "there.jsonl"], 6, "there.jsonl exists already. Add --force"),
    (["{in}/page.png", "--out", "folder.mp4"], 6, "folder.mp4 cannot be written: it is a folder"),
    (["{in}/page.png", "--force", "--out", "full.jsonl"], 6, "full.jsonl: the disk is full"),
    (["{in}/page.png", "--save-crops", "there.jsonl"], 6, "there.jsonl cannot be written: it is a file, no folder."),
    (["{in}/page.png", "--save-crops", ""], 2, "--save-crops names no folder."),
    (["{in}/page.png", "--out", "a.jsonl", "--out", "folder.mp4/../a.jsonl", "--force"], 2, "given twice"),
    (["{in}/page.png", "--out", "there.jsonl/x.jsonl"], 6, "cannot be written: there.jsonl is a file, no folder."),
    (["0", "--resume", "--out", "a.jsonl"], 2, "0 cannot be read by workers: it is no file. Leave out --resume."),
    (["{in}/page.png", "--demo"], 2, "give one or the other."),
]


@pytest.mark.parametrize(("arguments", "code", "line"), REFUSED, ids=[" ".join(case[0]) for case in REFUSED])
def test_refused_in_one_line(arguments: list[str], code: int, line: str, files: Path, tmp_path: Path) -> None:
    if "full.jsonl" in arguments and not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    (tmp_path / "there.jsonl").write_text("precious")
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "full.jsonl").symlink_to("/dev/full")
    before = {path.name: path.stat().st_size for path in files.iterdir()}
    done = cam("--no-window", *[a.replace("{in}", str(files)) for a in arguments], cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert line in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stdout == ""
    assert (tmp_path / "there.jsonl").read_text() == "precious"
    assert {path.name: path.stat().st_size for path in files.iterdir()} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.mp4", "full.jsonl", "there.jsonl"]


def test_no_camera_names_the_ways_on(tmp_path: Path) -> None:
    if any(Path("/dev").glob("video*")) or sys.platform != "linux":
        pytest.skip("this machine may have a camera")
    done = cam(cwd=tmp_path)
    assert done.returncode == 4
    assert "--demo" in done.stderr
    assert "cam.py clip.mp4" in done.stderr


def test_debug_adds_the_traceback(tmp_path: Path) -> None:
    done = cam("missing.mp4", "--debug", cwd=tmp_path)
    assert done.returncode == 4
    assert "Traceback" in done.stderr
    assert "missing.mp4 cannot be opened" in done.stderr.splitlines()[-1]


def test_picture_is_printed(files: Path, tmp_path: Path) -> None:
    done = cam(files / "page.png", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == f"{files / 'page.png'}: 714\n"
    assert "no display (DISPLAY is not set): going on without a window" in done.stderr
    assert "1 picture in" in done.stderr


def test_unreachable_display_is_told_and_does_not_abort(files: Path, tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("displays have names on Linux only")
    done = cam(files / "page.png", cwd=tmp_path, DISPLAY=":4097", QT_QPA_PLATFORM="wayland")
    assert done.returncode == 0
    assert "714" in done.stdout
    assert "display :4097 cannot be reached: going on without a window" in done.stderr


def test_words_and_picture_from_a_pipe(files: Path, tmp_path: Path) -> None:
    done = cam("-", "--no-window", "--words", cwd=tmp_path, stdin=(files / "page.png").read_bytes())
    assert done.returncode == 0
    assert done.stdout == "-: 714 (seven hundred and fourteen)\n"


def test_nothing_read_says_dash(files: Path, tmp_path: Path) -> None:
    done = cam(files / "blank.png", "--no-window", cwd=tmp_path)
    assert done.returncode == 0
    assert re.fullmatch(r".*blank\.png: -(  \(.+\))?\n", done.stdout)


def test_video_text_has_one_line_a_change(files: Path, tmp_path: Path) -> None:
    done = cam(files / "clip.mp4", "--no-window", cwd=tmp_path)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "0.0 s  72"
    assert lines[-1].endswith("  4")
    assert len(lines) <= 4, "a line a change, not a frame"
    assert "24 frames in" in done.stderr
    assert re.search(r"latency p50 [\d.]+ ms, p95 [\d.]+ ms", done.stderr)


def test_all_outputs_at_once(files: Path, tmp_path: Path) -> None:
    names = [f"o.{kind}" for kind in ("jsonl", "csv", "srt", "txt", "mp4", "mkv", "webm", "avi")]
    outs = [argument for name in names for argument in ("--out", name)]
    done = cam(files / "clip.mp4", "--no-window", "--out", "-", *outs, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["frame"] for line in lines] == list(range(24))
    assert (tmp_path / "o.jsonl").read_text() == done.stdout
    assert [n["text"] for n in lines[0]["numbers"]] == ["72"]
    for name in names:
        assert name in done.stderr, "the summary names every file"
    for name in names[4:]:
        capture = cv2.VideoCapture(str(tmp_path / name))
        count = 0
        while capture.read()[0]:
            count += 1
        assert count == 24, name
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(names)


def test_start_and_end(files: Path, tmp_path: Path) -> None:
    done = cam(files / "clip.mp4", "--out", "-", "--no-window", "--start", "0.2", "--end", "0.4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["frame"] for line in done.stdout.splitlines()] == [6, 7, 8, 9, 10, 11]


def test_min_confidence_leaves_digits_out(files: Path, tmp_path: Path) -> None:
    done = cam(files / "page.png", "--no-window", "--out", "-", "--min-confidence", "1", cwd=tmp_path)
    assert done.returncode == 0
    assert all(digit["confidence"] == 1 for digit in json.loads(done.stdout)["digits"])


def test_some_inputs_failed(files: Path, tmp_path: Path) -> None:
    page_png, broken, clip = files / "page.png", files / "broken.png", files / "small.avi"
    done = cam(page_png, broken, clip, "--no-window", cwd=tmp_path)
    assert done.returncode == 3
    assert f"{page_png}: 714" in done.stdout
    assert f"{clip}  0.0 s  7\n" in done.stdout, "several inputs: lines name theirs"
    assert len([line for line in done.stderr.splitlines() if "broken.png" in line]) == 1


def test_force_replaces(files: Path, tmp_path: Path) -> None:
    target = tmp_path / "o.mp4"
    target.write_bytes(b"old")
    done = cam(files / "small.avi", "--no-window", "--force", "--out", target, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert cv2.VideoCapture(str(target)).read()[0]


def test_crops_are_added_to(files: Path, tmp_path: Path) -> None:
    for _ in range(2):
        done = cam(files / "page.png", "--no-window", "--save-crops", "crops", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "crops (3 crops)" in done.stderr
    rows = (tmp_path / "crops" / "labels.csv").read_text().splitlines()
    assert rows[0] == "file,digit,confidence"
    assert [row.split(",")[1] for row in rows[1:]] == list("714714")
    names = {row.split(",")[0] for row in rows[1:]}
    assert names == {path.name for path in (tmp_path / "crops").glob("*.png")}
    crop = cv2.imread(str(tmp_path / "crops" / rows[1].split(",")[0]), cv2.IMREAD_UNCHANGED)
    assert crop.shape == (28, 28)
    assert crop[14].max() > 150, "bright ink on black"
    assert crop[0].max() < 50


def test_live_source_without_display_wants_to_be_told(tmp_path: Path) -> None:
    from tests.streams import Reply, Server, frames

    pages = [page("72"), page("72", shift=2)]
    with Server({"/cam": Reply(frames(pages, again=True)), "/short": Reply(frames(pages * 30))}) as server:
        refused = cam(server.url("/cam"), cwd=tmp_path)
        read = cam(server.url("/short"), "--no-window", "--end", "20", cwd=tmp_path)
    assert refused.returncode == 7
    assert "--no-window" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert read.returncode == 0, read.stderr
    assert re.match(r"0\.\d s  72\n", read.stdout)
    assert re.search(r", \d+ dropped", read.stderr)


def test_check_tells_what_is_there(files: Path, tmp_path: Path) -> None:
    fine = cam("--check", cwd=tmp_path)
    assert fine.returncode == 0, fine.stdout
    for word in ("opencv", "numpy", "ai-edge-litert", "model", "display", "files can be read"):
        assert word in fine.stdout
    bad = cam("--check", "--model", files / "damaged.tflite", cwd=tmp_path)
    assert bad.returncode == 5
    assert "files cannot be read" in bad.stdout


def test_list_cameras(tmp_path: Path) -> None:
    done = cam("--list-cameras", cwd=tmp_path)
    assert done.returncode == 0
    assert "camera" in done.stdout + done.stderr


def test_help_is_instant_because_it_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", CAM, "--help"], capture_output=True, text=True, check=True,
        env=clean_environment(),
    )  # fmt: skip
    imported = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "argparse" in imported
    assert not imported & {"cv2", "numpy", "tensorflow", "ai_edge_litert", "num2words", "pygame"}
    documented = (
        "--demo --out --no-window --list-cameras --check --model --min-confidence --words --save-crops --force --debug "
        "--mirror --width --height --fps --start --end"
    )
    assert all(option in done.stdout for option in documented.split())


def test_reading_imports_no_tensorflow(files: Path, tmp_path: Path) -> None:
    code = f"""import sys; sys.path.insert(0, {str(camtools.ROOT)!r})
from digitrec.cli import main
code = main([{str(files / "page.png")!r}, "--no-window"])
print(code, sorted({{"tensorflow", "keras", "pygame", "num2words"}} & set(sys.modules)))"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=clean_environment(), cwd=tmp_path
    )
    assert done.stdout.splitlines()[-1] == "0 []"


def test_options_may_stand_between_sources() -> None:
    assert parse(["a.jpg", "--words", "b.jpg"]) == Options(sources=("a.jpg", "b.jpg"), words=True)
    assert parse(["-"]).sources == ("-",)
    assert parse(["-1"]).sources == ("-1",)
    with pytest.raises(UsageError, match="--wor"):
        parse(["--wor"])


def test_demo(tmp_path: Path) -> None:
    if not DEMO.is_file():
        pytest.skip("the sample clip is not there")
    done = cam("--demo", "--end", "0.6", "--no-window", "--out", "demo.mp4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^0\.\d s  \d", done.stdout, re.MULTILINE), "the demo's numbers are printed"
    assert cv2.VideoCapture(str(tmp_path / "demo.mp4")).read()[0]


def test_ctrl_c_reads_no_frame_more(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen slow ones would take long, while further signals wait."""
    reads = list[int]()

    def read(image: Image) -> Reading:
        reads.append(len(reads))
        if len(reads) == 2:
            signal.raise_signal(signal.SIGINT)
        return reading_of("72")

    monkeypatch.setattr(session, "load_recognizer", lambda options: SimpleNamespace(read=read))
    assert main([str(files / "clip.mp4"), "--no-window", "--out", str(tmp_path / "o.jsonl")]) == 130
    assert len(reads) == 2
    assert [json.loads(line)["frame"] for line in (tmp_path / "o.jsonl").read_text().splitlines()] == [0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a folder that is in use")
def test_a_current_folder_that_was_deleted_is_told(files: Path, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    lost = "import os, sys; os.rmdir(os.getcwd()); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    done = subprocess.run(
        [sys.executable, "-c", lost, CAM, str(files / "page.png"), "--no-window", "--out", "o.csv"],
        cwd=tmp_path / "gone", env=clean_environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 6
    assert done.stderr == "o.csv cannot be written: the current folder was deleted. Change to another, and run again.\n"


def test_a_file_that_is_written_as_ctrl_c_comes_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    class Inputs(list[Step]):
        several, skip, held, problems, frame_count = False, None, 0, (), 2

    interrupts = Interrupts()
    run = session.Session(Options(), Console(), interrupts)
    output = SimpleNamespace(write=lambda frame, reading: signal.raise_signal(signal.SIGINT))
    monkeypatch.setattr(run, "_open_outputs", lambda several, skip: run._outputs.append(output))
    step = Step([(frame_of(), reading_of("72"), Moment())], took_s=0.1)
    with pytest.raises(Interrupted), interrupts:
        run._read_archive(Inputs([step, step]))  # type: ignore[arg-type]
    assert run._meter.frames == 1
