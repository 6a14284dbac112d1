"""What befalls a process: signals, closed pipes, kill -9, a full disk, two runs on one file, a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from tests.camtools import CAM, cam, clean_environment, make_clip, read_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and pipes")


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Long enough for a run to be hit in the middle."""
    return make_clip(tmp_path_factory.mktemp("long") / "long.mp4", ["72"] * 3000)


def start(*arguments: str | Path, cwd: Path) -> subprocess.Popen[bytes]:
    """cam.py on its way."""
    return subprocess.Popen(
        [sys.executable, CAM, *map(str, arguments)], cwd=cwd, env=clean_environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def wait_for_size(path: Path, size: int, run: subprocess.Popen[bytes]) -> None:
    """Until a file has grown to ``size`` bytes."""
    for _ in range(3000):
        if path.exists() and path.stat().st_size >= size:
            return
        assert run.poll() is None, run.stderr.read() if run.stderr else ""
        time.sleep(0.01)
    raise AssertionError(f"{path} did not grow")


def frames_of(path: Path) -> int:
    capture = cv2.VideoCapture(str(path))
    count = 0
    while capture.read()[0]:
        count += 1
    return count


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_ends_in_good_order(signum: signal.Signals, code: int, long_clip: Path, tmp_path: Path) -> None:
    run = start(long_clip, "--no-window", "--out", "o.jsonl", "--out", "o.mp4", "--out", "o.csv", cwd=tmp_path)
    wait_for_size(tmp_path / "o.jsonl", 10_000, run)
    run.send_signal(signum)
    _, err = run.communicate(timeout=60)
    assert run.returncode == code, err
    assert b"Traceback" not in err
    assert err.splitlines()[-1] == b"interrupted"
    lines = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert 0 < len(lines) < 3000
    assert frames_of(tmp_path / "o.mp4") == len(lines)
    assert (tmp_path / "o.csv").read_text().splitlines()[1].split(",")[2] == "72"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["o.csv", "o.jsonl", "o.mp4"]


def test_killed_run_leaves_what_it_wrote(long_clip: Path, tmp_path: Path) -> None:
    run = start(long_clip, "--no-window", "--out", "o.jsonl", "--out", "o.mkv", "--out", "o.mp4", cwd=tmp_path)
    wait_for_size(tmp_path / "o.mkv", 1_000_000, run)
    run.kill()
    run.communicate(timeout=60)
    text = (tmp_path / "o.jsonl").read_text()
    whole = text[: text.rfind("\n")].splitlines()
    assert [json.loads(line)["frame"] for line in whole] == list(range(len(whole)))
    assert frames_of(tmp_path / "o.mkv") > len(whole) // 2
    assert not (tmp_path / "o.mp4").exists(), "a half mp4 cannot be played"


def test_closed_pipe_ends_quietly(long_clip: Path, tmp_path: Path) -> None:
    run = start(long_clip, "--no-window", "--out", "-", cwd=tmp_path)
    err = after_its_reader_left(run)
    assert err.startswith(b"1 frame in ") or 1 < int(err.split()[0]) < 3000
    assert len(err.splitlines()) == 1


def after_its_reader_left(run: subprocess.Popen[bytes]) -> bytes:
    """What a run says on standard error once a line of its standard output was read."""
    assert run.stdout is not None
    assert run.stderr is not None
    assert json.loads(run.stdout.readline())["frame"] == 0
    run.stdout.close()
    err = run.stderr.read()
    assert run.wait(60) == 0
    return err


def test_closed_pipe_leaves_the_files_to_be_written_to_their_end(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.avi", ["72"] * 60)
    run = start(clip, "--no-window", "--out", "-", "--out", "o.jsonl", "--out", "o.mp4", cwd=tmp_path)
    err = after_its_reader_left(run)
    assert err.startswith(b"60 frames in ")
    assert len(err.splitlines()) == 2
    assert len((tmp_path / "o.jsonl").read_text().splitlines()) == frames_of(tmp_path / "o.mp4") == 60


def test_second_run_may_not_write_the_same_file(long_clip: Path, tmp_path: Path) -> None:
    first = start(long_clip, "--no-window", "--out", "o.jsonl", "--out", "o.mp4", cwd=tmp_path)
    try:
        wait_for_size(tmp_path / "o.jsonl", 5_000, first)
        for name in ("o.jsonl", "o.mp4"):
            second = cam(long_clip, "--no-window", "--force", "--out", name, cwd=tmp_path)
            assert second.returncode == 6
            assert f"{name} is being written by another run" in second.stderr
    finally:
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=60)
    assert json.loads((tmp_path / "o.jsonl").read_text().splitlines()[0])["frame"] == 0


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs to be root")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_full_disk_keeps_what_was_written(long_clip: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with small_disk(disk):
        done = cam(long_clip, "--no-window", "--out", disk / "o.avi", cwd=tmp_path)
        assert done.returncode == 6
        assert "the disk is full; the first" in done.stderr.splitlines()[-1]
        kept = frames_of(disk / "o.avi")
        assert f"the first {kept} frames are kept" in done.stderr
        (disk / "o.avi").unlink()
        (disk / "filler").write_bytes(b"x" * (6 * 2**20 - 3 * 4096))
        done = cam(long_clip, "--no-window", "--out", disk / "o.jsonl", cwd=tmp_path)
        assert done.returncode == 6
        assert "o.jsonl: the disk is full" in done.stderr.splitlines()[-1]
        lines = (disk / "o.jsonl").read_text().split("\n")
        assert lines[-1] == "", "no half line"
        assert [json.loads(line)["frame"] for line in lines[:-1]] == list(range(len(lines) - 1))


@pytest.mark.parametrize(("closed", "code"), [("1", 6), ("2", 0)])
def test_closed_standard_streams(closed: str, code: int, long_clip: Path, tmp_path: Path) -> None:
    command = f'exec "$0" "$@" {closed}>&-'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, CAM, str(long_clip), "--end", "0.2", "--no-window"], cwd=tmp_path,
        env=clean_environment(), capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert b"Traceback" not in done.stderr


def test_progress_only_on_a_terminal(long_clip: Path, tmp_path: Path) -> None:
    import pty

    def run(err: int) -> None:
        subprocess.run(
            [sys.executable, CAM, str(long_clip), "--end", "20", "--no-window", "--out", "o.txt", "--force"],
            cwd=tmp_path, env=clean_environment(), stdout=subprocess.PIPE, stderr=err, timeout=60, check=True,
        )  # fmt: skip

    master, slave = pty.openpty()
    run(slave)
    os.close(slave)
    shown = read_terminal(master)
    assert b"/600 frames" in shown
    assert b" left" in shown
    with (tmp_path / "err").open("wb") as plain:
        run(plain.fileno())
    talk = (tmp_path / "err").read_text()
    assert "\r" not in talk
    assert talk.startswith("600 frames in")
