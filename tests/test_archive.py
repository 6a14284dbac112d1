"""Many files: ``--jobs`` and ``--resume``, in real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digitrec.cli import make_parser, parse
from digitrec.crew import Crew
from digitrec.errors import OutputError, UsageError
from digitrec.outputs.base import Moment
from digitrec.outputs.resume import ContinuedFile, scan
from digitrec.outputs.text import json_line
from digitrec.sources import SourceOptions
from digitrec.units import ReadFrame, Report, Unit, make_job
from tests.camtools import CAM, cam, clean_environment, frame_of, make_clip, page, read_terminal, reading_of

SMALL = (160, 120)

DEADLY = """
import os, pathlib, sys
def fall(event, arguments):
    if event == "open" and str(arguments[0]).endswith("deadly.png"):
        marker = pathlib.Path(os.environ["DEADLY_ONCE"])
        if not marker.exists():
            if marker.name == "once":
                os.mkdir(marker)
            os.kill(os.getpid(), 9)
sys.addaudithook(fall)
"""
"""A sitecustomize.py by which a process that opens deadly.png dies, as by a fault of a decoder."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures, two videos between them, and two files that cannot be read."""
    folder = tmp_path_factory.mktemp("archive")
    for number in range(20):
        picture = page(("72", "714", "2")[number % 3], SMALL, shift=number % 7)
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    make_clip(folder / "0a.mp4", ["72"] * 40 + ["4"] * 40, SMALL)
    make_clip(folder / "12a.avi", ["7"] * 5, SMALL)
    (folder / "8a.png").write_bytes((folder / "8.png").read_bytes()[:99])
    (folder / "15a.mp4").write_text("no video\n" * 100)
    return folder


@pytest.fixture(scope="module")
def expected(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process makes of it, as ``o.jsonl``, ``o.csv``, ``o.srt`` and ``o.txt``."""
    folder = tmp_path_factory.mktemp("expected")
    outs = [argument for kind in ("jsonl", "csv", "srt", "txt") for argument in ("--out", f"o.{kind}")]
    done = cam(archive, "missing.png", *outs, "--no-window", "--save-crops", "crops", cwd=folder)
    assert done.returncode == 3, done.stderr
    (folder / "problems").write_text("\n".join(done.stderr.splitlines()[:3]))
    return folder


@pytest.mark.parametrize("jobs", ["2", "3"])
def test_several_processes_write_what_one_writes(jobs: str, archive: Path, expected: Path, tmp_path: Path) -> None:
    outs = [argument for kind in ("jsonl", "csv", "srt", "txt") for argument in ("--out", f"o.{kind}")]
    done = cam(archive, "missing.png", *outs, "--jobs", jobs, "--save-crops", "crops", cwd=tmp_path)
    assert done.returncode == 3
    for kind in ("jsonl", "csv", "srt", "txt"):
        assert (tmp_path / f"o.{kind}").read_text() == (expected / f"o.{kind}").read_text(), kind
    labels = "crops/labels.csv"
    assert (tmp_path / labels).read_text() == (expected / labels).read_text()
    lines = done.stderr.splitlines()
    assert lines[:3] == (expected / "problems").read_text().splitlines(), "bad files are told in their order"
    assert lines[3].startswith("25 files in ")
    assert lines[-1] == "3 of 25 files could not be read"


def test_relative_names_stay_as_they_were_given(archive: Path, tmp_path: Path) -> None:
    done = cam("1.png", "./2.png", "8a.png", "--jobs", "2", cwd=archive)
    assert done.stdout.splitlines() == ["1.png: 714", "./2.png: 2"]
    assert done.stderr.startswith("8a.png cannot be read")


def test_one_bad_file_is_one_line(archive: Path, tmp_path: Path) -> None:
    done = cam(archive / "8a.png", "--jobs", "2", cwd=tmp_path)
    assert done.returncode == 4
    assert len([line for line in done.stderr.splitlines() if "8a.png" in line]) == 1
    none = cam(archive / "8a.png", archive / "15a.mp4", "--jobs", "2", cwd=tmp_path)
    assert none.returncode == 4
    assert "none of the 2 inputs could be read; the first:" in none.stderr.splitlines()[-1]


REFUSED = [
    (["a.png", "--jobs", "two"], 2, "'two' is not a number of processes"),
    (["a.png", "--jobs", "-1"], 2, "'-1' is not a number of processes"),
    (["a.png", "--jobs", "2", "--cluster", "tcp://127.0.0.1:9"], 2, "give one or the other"),
    (["a.png", "--cluster", "127.0.0.1"], 2, "'127.0.0.1' is not an address such as"),
    (["--jobs", "2"], 2, "read files. Give some"),
    (["0", "--jobs", "2"], 2, "it is no file"),
    (["-", "--jobs", "2"], 2, "it is no file"),
    (["a.png", "--jobs", "2", "--out", "o.mp4"], 2, "Make videos without --jobs"),
    (["a.png", "--resume"], 2, "--out FILE.jsonl"),
    (["a.png", "--resume", "--out", "-"], 2, "--out FILE.jsonl"),
    (["a.png", "--resume", "--out", "o.csv"], 2, "--out FILE.jsonl"),
    (["a.png", "--resume", "--force", "--out", "o.jsonl"], 2, "--resume keeps what --force would replace"),
    (["a.png", "--resume", "--out", "notes.jsonl"], 6, "notes.jsonl line 1 is no reading"),
    (["a.png", "--jobs", "2", "--model", "missing.tflite"], 5, "missing.tflite"),
]


@pytest.mark.parametrize(("arguments", "code", "line"), REFUSED, ids=[" ".join(case[0]) for case in REFUSED])
def test_refused_in_one_line(arguments: list[str], code: int, line: str, tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_text("milk, bread")
    done = cam(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert line in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert (tmp_path / "notes.jsonl").read_text() == "milk, bread"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.jsonl"]


def test_a_damaged_model_is_told_once(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.tflite").write_bytes(b"\0\0\0\0TFL3" + b"\x07" * 500)
    done = cam(archive, "--jobs", "2", "--model", "bad.tflite", "--out", "o.txt", cwd=tmp_path)
    assert done.returncode == 5
    assert not (tmp_path / "o.txt").exists()
    assert len(done.stderr.splitlines()) == 1, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
@pytest.mark.parametrize("marker", ["once", "always"])
def test_a_file_that_kills_its_process(marker: str, archive: Path, expected: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(DEADLY)
    (tmp_path / "in").mkdir()
    for name in ("1.png", "2.png", "3.png", "4.png", "5.png"):
        (tmp_path / "in" / name).symlink_to(archive / name)
    (tmp_path / "in" / "3deadly.png").symlink_to(archive / "3.png")
    surroundings = {"PYTHONPATH": str(tmp_path), "DEADLY_ONCE": str(tmp_path / marker)}
    done = cam("in", "--jobs", "2", "--out", "-", cwd=tmp_path, **surroundings)
    names = [json.loads(line)["source"] for line in done.stdout.splitlines()]
    if marker == "once":
        assert done.returncode == 0, done.stderr
        assert names == [f"in/{name}.png" for name in ("1", "2", "3", "3deadly", "4", "5")]
        return
    assert done.returncode == 3
    assert names == [f"in/{name}.png" for name in "12345"]
    assert done.stderr.splitlines()[0] == (
        "in/3deadly.png was passed over: the process that read it ended (SIGKILL), twice."
    )


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_a_video_whose_worker_dies_gives_each_frame_once(archive: Path) -> None:
    """The frames of the first attempt are handed out before its end; those of the second go on behind them."""
    job = make_job(None, None, SourceOptions(), crops=False)
    units = [Unit(0, str(archive / "0a.mp4"), False), Unit(1, str(archive / "1.png"), True)]
    frames: list[ReadFrame] = []
    with Crew(job, 1) as crew:
        for report in crew.read(units):
            if not frames:
                assert report.took_s is None, "the video is not over"
                crew._workers[0].process.kill()
            frames += report.frames
    assert [frame.index for frame in frames] == [*range(80), 0]


def start(*arguments: str | Path, cwd: Path) -> subprocess.Popen[bytes]:
    """cam.py on its way, in a group of its own as a terminal would have it."""
    return subprocess.Popen(
        [sys.executable, CAM, *map(str, arguments)], cwd=cwd, env=clean_environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def wait_for_lines(path: Path, count: int, run: subprocess.Popen[bytes]) -> None:
    for _ in range(6000):
        if path.exists() and path.read_bytes().count(b"\n") >= count:
            return
        assert run.poll() is None, run.stderr.read() if run.stderr else ""
        time.sleep(0.005)
    raise AssertionError(f"{path} did not grow")


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
@pytest.mark.parametrize("lines", [1, 10, 81, 95])
def test_a_killed_run_goes_on(lines: int, archive: Path, expected: Path, tmp_path: Path) -> None:
    """Killed in the first picture, within a video, behind it: in the end the file is as if nothing had been."""
    out = tmp_path / "o.jsonl"
    run = start(archive, "missing.png", "--jobs", "2", "--out", out, cwd=tmp_path)
    wait_for_lines(out, lines, run)
    run.kill()
    run.communicate(timeout=240)
    whole = (expected / "o.jsonl").read_bytes()
    assert whole.startswith(out.read_bytes())
    with out.open("ab") as file:  # a kill in the middle of a write
        file.write(whole[out.stat().st_size :][:50])
    done = cam(archive, "missing.png", "--jobs", "2", "--resume", "--out", out, cwd=tmp_path)
    assert done.returncode == 3
    assert out.read_bytes() == whole


def test_resuming_what_is_complete_reads_only_what_failed(archive: Path, expected: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.jsonl"
    out.write_bytes((expected / "o.jsonl").read_bytes())
    done = cam(archive, "--resume", "--out", out, cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr.splitlines()[0] == f"{out} holds 22 files; to read: 2"
    assert out.read_bytes() == (expected / "o.jsonl").read_bytes()
    (tmp_path / "one.jsonl").touch()
    for _ in range(2):
        done = cam(archive / "1.png", "--resume", "--out", "one.jsonl", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[0] == "one.jsonl holds 1 file; to read: 0"
    assert len((tmp_path / "one.jsonl").read_text().splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_ctrl_c_ends_all_processes_quietly(archive: Path, expected: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.jsonl"
    run = start(archive, "--jobs", "2", "--out", out, cwd=tmp_path)
    wait_for_lines(out, 10, run)
    os.killpg(run.pid, signal.SIGINT)
    _, err = run.communicate(timeout=240)
    assert run.returncode == 130
    assert b"Traceback" not in err
    assert err.splitlines()[-1] == b"interrupted"
    assert (expected / "o.jsonl").read_bytes().startswith(out.read_bytes())
    assert _dies_out(run.pid), "no worker is left behind"


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_workers_end_with_a_run_that_is_killed(archive: Path, tmp_path: Path) -> None:
    run = start(archive, archive, "--jobs", "2", "--out", "o.jsonl", cwd=tmp_path)
    wait_for_lines(tmp_path / "o.jsonl", 5, run)
    run.kill()
    run.wait(240)
    assert _dies_out(run.pid)


def _dies_out(group: int) -> bool:
    for _ in range(1200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_progress_tells_the_time_left(archive: Path, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, CAM, str(archive), "--jobs", "2", "--out", "o.jsonl"], cwd=tmp_path, env=clean_environment(),
        stdout=subprocess.DEVNULL, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    shown = read_terminal(master)
    assert run.wait(240) == 3
    assert re.search(rb"\d+/24 files  \d+%  [\d.]+ a second  [\d:]+ left", shown)


def lines_of(name: str, count: int, first: int = 0, picture: bool = False) -> list[bytes]:
    """The JSONL lines of one input."""
    times = [0.0] if picture else [number / 25 for number in range(count)]
    return [f"{json_line(frame_of(first + i, t, name), reading_of('72'))}\n".encode() for i, t in enumerate(times)]


FILES = (
    lines_of("a.jpg", 1, 0, picture=True), lines_of('v "1".mp4', 3), lines_of("b\u00e9.jpg", 1, 1, picture=True),
    lines_of("a.jpg", 1, 2, picture=True), lines_of("one.avi", 1), lines_of("c.jpg", 1, 3, picture=True),
)  # fmt: skip
WHOLE = b"".join(line for lines in FILES for line in lines)


@settings(deadline=None)
@given(st.integers(0, len(WHOLE)))
def test_wherever_a_file_ends_only_whole_inputs_are_kept(end: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "o.jsonl"
        path.write_bytes(WHOLE[:end])
        held = scan(path)
    sizes = [len(b"".join(lines)) for lines in FILES]
    ends = [sum(sizes[: i + 1]) for i in range(len(FILES))]
    whole = [i for i, stop in enumerate(ends) if stop <= end]
    if whole and whole[-1] in {1, 4}:  # a video at the end may have been broken off, even where it was not
        whole.pop()
    assert held.size == (ends[whole[-1]] if whole else 0)
    assert sum(held.names.values()) == len(whole)
    assert held.pictures == len([i for i in whole if i not in {1, 4}])


def test_zeros_of_a_power_cut_are_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "o.jsonl"
    first = FILES[0][0]
    for tail in (b"\0" * 500, FILES[1][0][:40] + b"\0" * 100):
        path.write_bytes(first + tail)
        file = ContinuedFile(path)
        assert file.held.names == {"a.jpg": 1}
        file.close()
        assert path.read_bytes() == first


@pytest.mark.parametrize("tail", [b"no json", b'{"other": 1}\n', b"\0\0\n", b"\n"])
def test_what_is_not_ours_is_left_alone(tail: bytes, tmp_path: Path) -> None:
    path = tmp_path / "o.jsonl"
    path.write_bytes(FILES[0][0] + tail)
    with pytest.raises(OutputError, match="line 2 is no reading"):
        ContinuedFile(path)
    assert path.read_bytes() == FILES[0][0] + tail


def test_while_much_waits_only_the_first_file_goes_on(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no room for what comes early, all still comes, in order."""
    monkeypatch.setattr("digitrec.crew.MOST_BYTES", 0)
    job = make_job(None, None, SourceOptions(), crops=False)
    paths = [archive / "0a.mp4", *[archive / f"{number}.png" for number in range(12)]]
    with Crew(job, 2) as crew:
        reports = list(crew.read(Unit(i, str(path), path.suffix == ".png") for i, path in enumerate(paths)))
    assert [report.number for report in reports if report.took_s is not None] == list(range(13))
    assert [frame.index for report in reports for frame in report.frames] == [*range(80), *[0] * 12]
    assert all(frame.moment == Moment(None, True) for report in reports[-12:] for frame in report.frames)
    assert isinstance(reports[0], Report)


def test_options() -> None:
    assert all(option in make_parser().format_help() for option in ("--jobs", "--resume", "--cluster"))
    assert not parse(["a.png"]).has_workers
    assert parse(["a.png", "--jobs", "0"]).has_workers
    assert parse(["a.png", "--cluster", "tcp://h:1"]).has_workers
    with pytest.raises(UsageError):
        parse(["a.png", "--jobs", "513"])
