"""What befalls a run of cam.py from outside: signals while it starts, disks full or read-only, inputs that change.

Signals in mid-run, kill -9, closed pipes and two runs on one file stand in test_cli_process.py.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from tests.camtools import CAM, ROOT, cam, clean_environment, make_clip
from tests.test_cli_process import frames_of, start, wait_for_size

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and disks")

DISK = 6 << 20
ROOM = 5 << 19
STALL_S = 3.0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.avi", ["72"] * 600)


STARTING = ["argparse", "digitrec.errors", "digitrec.interrupts", "numpy._core.multiarray", "numpy.linalg", "cv2"]
STARTING += ["digitrec.classifier", "digitrec.session", "digitrec.sources.opening"]
STARTING += ["ai_edge_litert._pywrap_litert_interpreter_wrapper", "ai_edge_litert.interpreter"]


@pytest.mark.parametrize("module", STARTING)
def test_ctrl_c_while_it_starts_shows_no_traceback(module: str, clip: Path, tmp_path: Path) -> None:
    """The interpreter tells (-X importtime) when a module has been imported: then the signal is sent."""
    run = subprocess.Popen(
        [sys.executable, "-X", "importtime", CAM, str(clip), "--no-window", "--debug"],  # else LiteRT is kept quiet
        cwd=tmp_path, env=clean_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert run.stderr is not None
    for line in run.stderr:
        if re.search(rf"\| +{re.escape(module)}$", line):
            break
    else:
        pytest.skip(f"these versions do not import {module}")
    run.send_signal(signal.SIGINT)
    told = [line for line in run.communicate(timeout=60)[1].splitlines() if not line.startswith("import time:")]
    assert run.returncode in {130, -signal.SIGINT}
    assert [line for line in told if not re.match("[0-9]+ frames? in", line)] in (["interrupted"], [])


def test_a_terminal_that_is_closed_ends_in_good_order(clip: Path, tmp_path: Path) -> None:
    run = start(clip, "--no-window", "--out", "o.jsonl", "--out", "o.mp4", cwd=tmp_path)
    wait_for_size(tmp_path / "o.jsonl", 5_000, run)
    run.send_signal(signal.SIGHUP)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 128 + signal.SIGHUP, err
    lines = (tmp_path / "o.jsonl").read_text().splitlines()
    assert frames_of(tmp_path / "o.mp4") == len(lines)


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True)
    if done.returncode != 0:
        pytest.skip("mounting a disk needs to be root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("kind", [".mkv", ".mp4", ".webm"])
def test_full_disk_keeps_a_video_that_plays(kind: str, clip: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", f"size={DISK}") as disk:
        (disk / "filler").write_bytes(bytes(DISK - ROOM))
        done = cam(clip, "--no-window", "--out", disk / f"o{kind}", cwd=tmp_path)
        assert done.returncode == 6, done.stderr
        kept = re.search(r"the disk is full; the first (\d+) frames are kept", done.stderr.splitlines()[-1])
        assert kept, done.stderr
        assert frames_of(disk / f"o{kind}") == int(kept[1]) > 0
        assert sorted(path.name for path in disk.iterdir()) == ["filler", f"o{kind}"]


@pytest.mark.parametrize("kind", [".csv", ".srt", ".txt"])
def test_full_disk_is_told_for_text(kind: str, clip: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", f"size={DISK}") as disk:
        (disk / "filler").write_bytes(bytes(DISK))
        done = cam(clip, "--end", "0.5", "--no-window", "--out", disk / f"o{kind}", cwd=tmp_path)
        assert done.returncode == 6, done.stderr
        assert f"o{kind}: the disk is full" in done.stderr.splitlines()[-1]
        assert (disk / f"o{kind}").read_text() == ""


def test_a_disk_that_may_not_be_written_is_told_before_anything_is_read(clip: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "ro") as disk:
        done = cam(clip, "--no-window", "--out", disk / "o.jsonl", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (6, "")
    assert done.stderr == f"{disk / 'o.jsonl'} cannot be written: read-only file system. Choose another place.\n"


def test_full_standard_output_is_told(clip: Path, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, CAM, str(clip), "--no-window"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE,
            env=clean_environment(), timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 6
    assert done.stderr.splitlines()[-1] == b"standard output cannot be written: no space left on device."


def test_a_video_cut_while_it_is_read_is_told_and_kept(clip: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim.avi"
    victim.write_bytes(clip.read_bytes())
    run = start(victim, "--no-window", "--out", "o.jsonl", cwd=tmp_path)
    wait_for_size(tmp_path / "o.jsonl", 1, run)
    os.truncate(victim, victim.stat().st_size // 3)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 3, err
    assert b"victim.avi is damaged: it ends after" in err
    frames = [json.loads(line)["frame"] for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert frames == list(range(len(frames)))
    assert 0 < len(frames) < 600


def test_a_video_replaced_while_it_is_read_is_the_old_one(clip: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim.avi"
    victim.write_bytes(clip.read_bytes())
    run = start(victim, "--end", "5", "--no-window", "--out", "o.jsonl", cwd=tmp_path)
    wait_for_size(tmp_path / "o.jsonl", 1, run)
    make_clip(tmp_path / "other.avi", ["4"] * 5).replace(victim)
    run.communicate(timeout=60)
    assert run.returncode == 0
    texts = [json.loads(line)["numbers"][0]["text"] for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert texts == ["72"] * 150
    assert cv2.VideoCapture(str(victim)).get(cv2.CAP_PROP_FRAME_COUNT) == 5


def test_a_pipe_with_a_reader_gets_every_line(clip: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "o.jsonl")
    with subprocess.Popen(["cat", "o.jsonl"], cwd=tmp_path, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        done = cam(clip, "--end", "0.5", "--no-window", "--force", "--out", "o.jsonl", cwd=tmp_path)
        while "nobody reads" in done.stderr:  # cat has not come to open it yet
            done = cam(clip, "--end", "0.5", "--no-window", "--force", "--out", "o.jsonl", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert [json.loads(line)["frame"] for line in reader.stdout] == list(range(15))


@pytest.mark.parametrize("left", ["link", "pipe", "file"])
def test_what_lies_at_the_working_name_of_an_mp4_is_not_written_to(left: str, clip: Path, tmp_path: Path) -> None:
    working, precious = tmp_path / ".o.partial.mp4", tmp_path / "precious"
    precious.write_text("precious")
    if left == "link":
        working.symlink_to(precious)
    elif left == "pipe":
        os.mkfifo(working)
    else:
        working.hardlink_to(precious)
    done = cam(clip, "--end", "0.5", "--no-window", "--out", "o.mp4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert precious.read_text() == "precious"
    assert frames_of(tmp_path / "o.mp4") == 15
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.mp4", "precious"]


@pytest.mark.parametrize("kind", [".jsonl", ".mkv"])
def test_an_output_that_is_deleted_is_not_said_to_be_written(kind: str, clip: Path, tmp_path: Path) -> None:
    output = tmp_path / f"o{kind}"
    run = start(clip, "--no-window", "--out", output, cwd=tmp_path)
    wait_for_size(output, 1, run)
    output.unlink()
    _, err = run.communicate(timeout=60)
    assert run.returncode == 6, err
    assert b"wrote" not in err
    assert f"o{kind} was deleted while it was written" in err.decode().splitlines()[-1]


def test_an_output_that_is_moved_away_is_whole_and_not_said_to_be_there(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.jsonl"
    run = start(clip, "--end", "10", "--no-window", "--out", output, cwd=tmp_path)
    wait_for_size(output, 1, run)
    output.rename(tmp_path / "moved.jsonl")
    _, err = run.communicate(timeout=60)
    assert run.returncode == 0, err
    assert b"wrote" not in err
    assert len((tmp_path / "moved.jsonl").read_text().splitlines()) == 300


@contextlib.contextmanager
def with_camera(fault: str, *arguments: str, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """cam.py with a camera at fault (``tests.faulty_camera``); killed where it does not end by itself."""
    run = subprocess.Popen(
        [sys.executable, "-m", "tests.faulty_camera", fault, "0", "--no-window", *arguments], cwd=cwd,
        env=clean_environment(PYTHONPATH=str(ROOT)), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield run
    finally:
        run.kill()
        run.communicate()


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_whose_camera_hangs(signum: signal.Signals, code: int, tmp_path: Path) -> None:
    with with_camera("hangs", "--out", "o.jsonl", "--out", "o.mp4", cwd=tmp_path) as run:
        wait_for_size(tmp_path / "o.jsonl", 1, run)
        run.send_signal(signum)
        _, err = run.communicate(timeout=60)
        assert run.returncode == code, err
        assert err.splitlines()[-1] == b"interrupted"
        assert frames_of(tmp_path / "o.mp4") > 0


def test_ctrl_c_ends_the_wait_for_a_silent_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        run = start(f"http://127.0.0.1:{mute.getsockname()[1]}/cam", "--no-window", cwd=tmp_path)
        connection = mute.accept()[0]
        with connection:
            assert connection.recv(9) == b"GET /cam "
            run.send_signal(signal.SIGINT)
            out, err = run.communicate(timeout=60)
    assert (run.returncode, out, err) == (130, b"", b"interrupted\n")


def test_a_run_that_was_stopped_goes_on(tmp_path: Path) -> None:
    """Ctrl+Z, and "fg" after a time in which the camera seems to have given nothing."""
    with with_camera("none", "--out", "o.jsonl", cwd=tmp_path) as run:
        wait_for_size(tmp_path / "o.jsonl", 1, run)
        run.send_signal(signal.SIGSTOP)
        time.sleep(STALL_S + 1)
        before = (tmp_path / "o.jsonl").stat().st_size
        run.send_signal(signal.SIGCONT)
        wait_for_size(tmp_path / "o.jsonl", before + 5_000, run)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=60)
        assert run.returncode == 130, err


def test_a_second_ctrl_c_ends_a_run_that_is_stuck_in_writing(clip: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "o.jsonl")
    reader = os.open(tmp_path / "o.jsonl", os.O_RDONLY | os.O_NONBLOCK)  # opens it, and never reads
    try:
        run = start(clip, "--no-window", "--force", "--out", "o.jsonl", cwd=tmp_path)
        wait_for_full_pipe(reader, run)
        run.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            run.wait(2)
        run.send_signal(signal.SIGINT)
        err = run.communicate(timeout=60)[1]
        assert run.returncode in {-signal.SIGINT, 130}
        assert b"Traceback" not in err
    finally:
        os.close(reader)


def wait_for_full_pipe(reader: int, run: subprocess.Popen[bytes]) -> None:
    """Until what waits in a pipe grows no more."""
    import array
    import fcntl
    import termios

    waiting, seen = array.array("i", [0]), -1
    while waiting[0] == 0 or waiting[0] != seen:
        assert run.poll() is None
        seen = waiting[0]
        time.sleep(1.0)
        fcntl.ioctl(reader, termios.FIONREAD, waiting)
