"""``--cluster``: a real Dask scheduler with real workers on this machine."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import cv2
import pytest

from tests.camtools import CAM, ROOT, cam, clean_environment, make_clip, page
from tests.test_archive import DEADLY

needs_dask = pytest.mark.skipif(
    subprocess.run([sys.executable, "-c", "import distributed"], capture_output=True, check=False).returncode != 0,
    reason="Dask is not installed",
)


@contextmanager
def process(*arguments: str, cwd: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process in the background that is gone afterwards with its children, its talk in a file."""
    with (cwd / f"talk-{time.monotonic_ns()}").open("wb") as talk:
        run = subprocess.Popen(
            [sys.executable, *arguments], cwd=cwd, stdout=talk, stderr=talk, start_new_session=True,
            env=clean_environment(**{"PYTHONPATH": str(ROOT), **environment}),
        )  # fmt: skip
    try:
        yield run
    finally:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()


@contextmanager
def scheduler(cwd: Path, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler on 127.0.0.1: its address and its process."""
    cwd.mkdir()
    where = cwd / "scheduler.json"
    arguments = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(where))
    with process("-m", "distributed.cli.dask_scheduler", *arguments, cwd=cwd, **environment) as run:
        for _ in range(600):
            if where.exists() and where.stat().st_size:
                break
            assert run.poll() is None
            time.sleep(0.1)
        yield json.loads(where.read_text())["address"], run


def worker(address: str, cwd: Path, name: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """A worker with one thread and no nanny to start it again."""
    (cwd / name).mkdir()
    return process(
        "-m", "distributed.cli.dask_worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard",
        "--name", name, "--local-directory", str(cwd / name), cwd=cwd,
    )  # fmt: skip


def start(*arguments: str | Path, cwd: Path) -> subprocess.Popen[str]:
    """cam.py on its way."""
    return subprocess.Popen(
        [sys.executable, CAM, *map(str, arguments)], cwd=cwd, env=clean_environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    for number in range(240):
        cv2.imwrite(str(folder / f"{number}.png"), page(("72", "714", "2")[number % 3], shift=number % 7))
    make_clip(folder / "100z.mp4", ["72"] * 20 + ["4"] * 20)
    (folder / "50z.png").write_bytes((folder / "50.png").read_bytes()[:99])
    return folder


@needs_dask
def test_a_killed_worker_costs_no_line_and_doubles_none(pictures: Path, tmp_path: Path) -> None:
    expected = cam(pictures, "--no-window", "--out", "-", cwd=tmp_path)
    assert expected.returncode == 3, expected.stderr
    out = tmp_path / "o.jsonl"
    hub = tmp_path / "hub"
    with (
        scheduler(hub) as (address, _),
        worker(address, hub, "first") as first,
        worker(address, hub, "second") as second,
    ):
        run = start(pictures, "--cluster", address, "--out", out, cwd=tmp_path)
        while run.poll() is None and not (out.exists() and out.stat().st_size > 10_000):
            time.sleep(0.005)
        first.kill()
        at_the_kill = len(out.read_text().splitlines())
        talk, err = run.communicate(timeout=300)
        assert second.poll() is None
    assert run.returncode == 3, err
    assert talk == ""
    assert 0 < at_the_kill < 200, "it was killed in the middle"
    assert out.read_text() == expected.stdout
    assert "1 of 242 files could not be read" in err
    assert len([line for line in err.splitlines() if "50z.png" in line]) == 1


@needs_dask
def test_a_scheduler_that_goes_away_ends_the_run_in_one_line(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.jsonl"
    hub = tmp_path / "hub"
    with scheduler(hub) as (address, hub_process), worker(address, hub, "only"):
        run = start(pictures, "--cluster", address, "--out", out, cwd=tmp_path)
        while run.poll() is None and not (out.exists() and out.stat().st_size > 5_000):
            time.sleep(0.005)
        hub_process.send_signal(signal.SIGKILL)
        _, err = run.communicate(timeout=300)
    assert run.returncode == 4, err
    assert "Traceback" not in err
    assert re.search(r"scheduler at tcp://127.0.0.1:\d+ went away; .* Run again with --resume", err.splitlines()[-1])
    assert out.read_text().endswith("\n")
    again = cam(pictures, "--jobs", "2", "--resume", "--out", out, cwd=tmp_path)
    assert again.returncode == 3
    names = [json.loads(line)["source"] for line in out.read_text().splitlines()]
    assert len([name for name in names if name.endswith(".png")]) == len({*names}) - 1 == 240


@needs_dask
def test_a_file_that_kills_workers_is_passed_over(pictures: Path, tmp_path: Path) -> None:
    """Its batch is tried file by file; the nanny starts the worker again each time."""
    (tmp_path / "sitecustomize.py").write_text(DEADLY)
    (tmp_path / "in").mkdir()
    for name in ("1.png", "2.png", "3.png"):
        (tmp_path / "in" / name).symlink_to(pictures / name)
    (tmp_path / "in" / "2deadly.png").symlink_to(pictures / "2.png")
    hub = tmp_path / "hub"
    deadly = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "DEADLY_ONCE": str(tmp_path / "always")}
    with scheduler(hub, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as (address, _):
        arguments = ("--nthreads", "1", "--no-dashboard", "--local-directory", str(hub))
        with process("-m", "distributed.cli.dask_worker", address, *arguments, cwd=hub, **deadly):
            done = cam("in", "--cluster", address, "--out", "-", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert [json.loads(line)["source"] for line in done.stdout.splitlines()] == [f"in/{name}.png" for name in "123"]
    assert "in/2deadly.png was passed over: the workers that read it ended, one after the other." in done.stderr


@needs_dask
def test_no_scheduler_is_told_in_one_line(pictures: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listened to: nothing answers
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        done = cam(pictures, "--cluster", address, "--out", "o.txt", cwd=tmp_path)
    assert done.returncode == 4
    assert not (tmp_path / "o.txt").exists()
    assert done.stderr.splitlines() == [
        f"no Dask scheduler answers at {address}. Start one: dask scheduler --host HOST --port 8786"
    ]


def test_without_dask_the_line_tells_what_to_install(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "distributed.py").write_text("raise ModuleNotFoundError('no', name='distributed')")
    done = cam(pictures, "--cluster", "tcp://127.0.0.1:9", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["--cluster needs Dask, which is not installed: pip install '.[cluster]'"]
