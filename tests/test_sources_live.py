"""Cameras and streams that lag, stall, lie and die; the reader never hangs and is told why."""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec.errors import SourceError
from digitrec.sources import SourceOptions, open_source
from digitrec.sources import grab as grab_module
from digitrec.sources import live as live_module
from digitrec.sources.chain import NEVER_ENDS
from digitrec.sources.grab import StreamEnd
from digitrec.sources.live import CAMERA, LiveSource
from digitrec.units import Reader, Unit, make_job
from tests.streams import (
    END,
    MJPEG,
    Reply,
    RtspServer,
    Server,
    frames,
    jpeg,
    number_of,
    part,
    picture,
    then_stall,
    until,
)

STALL_S = 0.3
QUICK = SourceOptions(stall_s=STALL_S, open_timeout_s=3.0)
CALM = SourceOptions(stall_s=20.0)  # where no fault is wanted, on however busy a machine
WINDOW = SourceOptions(stall_s=STALL_S, open_timeout_s=3.0, live_retry=True)

ROOT = Path(__file__).resolve().parent.parent

Reads = Callable[[int], tuple[bool, np.ndarray | None]]


class Device:
    """A stand-in for cv2.VideoCapture: ``reads(n)`` is what the n-th read gives; 5 ms a frame."""

    def __init__(self, reads: Reads, fps: float = 30.0) -> None:
        self.reads = reads
        self.fps = fps
        self.count = 0
        self.released = threading.Event()

    def get(self, prop: int) -> float:
        return self.fps

    def read(self) -> tuple[bool, np.ndarray | None]:
        time.sleep(0.005)
        self.count += 1
        return self.reads(self.count - 1)

    def release(self) -> None:
        self.released.set()


def moving(n: int) -> tuple[bool, np.ndarray | None]:
    return True, picture(n % 256)


def black(n: int) -> tuple[bool, np.ndarray | None]:
    return True, np.full((48, 64, 3), n % 3, np.uint8)


def still(_: int) -> tuple[bool, np.ndarray | None]:
    return True, picture(7)


def silent(_: int) -> tuple[bool, np.ndarray | None]:
    return False, None


def hanging(_: int) -> tuple[bool, np.ndarray | None]:
    time.sleep(60)
    return False, None


def after(good: int, then: Reads) -> Reads:
    return lambda n: moving(n) if n < good else then(n)


@pytest.fixture(autouse=True)
def short_farewells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that hang for good are left behind after a moment; the waiting itself is not what is tested."""
    monkeypatch.setattr(live_module, "_RELEASE_S", 0.2)
    monkeypatch.setattr(grab_module, "_RELEASE_S", 0.2)


def wait_for_status(source: LiveSource, wanted: str | None) -> bool:
    def reached() -> bool:
        source.read(0.02)
        return source.status is None if wanted is None else wanted in (source.status or "")

    return until(reached)


FAULTS = {
    "gives nothing": (silent, "gave no frame for 0.3 s (unplugged, or in use by another program)"),
    "unplugged": (after(5, silent), "gave no frame for 0.3 s (unplugged, or in use by another program)"),
    "hangs": (after(5, hanging), "gave no frame for 0.3 s"),
    "empty frames": (lambda _: (True, np.zeros((0, 0, 3), np.uint8)), "gave no frame for 0.3 s"),
    "no frames but ok": (lambda _: (True, None), "gave no frame for 0.3 s"),
    "last frame for ever": (after(5, still), "repeats one and the same frame (unplugged, or asleep)"),
    "black": (black, "gives only black frames (covered, or without light)"),
    "goes black": (after(5, black), "gives only black frames"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_without_a_window_a_fault_ends_with_its_line(name: str) -> None:
    reads, message = FAULTS[name]
    with LiveSource("camera 1", lambda: Device(reads), QUICK) as source:
        with pytest.raises(SourceError) as caught:
            list(source)
        assert caught.value.exit_code == 4
        assert caught.value.message.startswith(f"camera 1 {message}")
        assert caught.value.message.endswith("choose another: --list-cameras")
        assert list(source) == []


@pytest.mark.parametrize("name", FAULTS)
def test_in_a_window_a_fault_is_shown_and_mended(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "_FIRST_PAUSE_S", 0.05)
    reads, message = FAULTS[name]
    devices = [Device(reads), Device(moving)]
    given = iter([*devices, *[Device(moving) for _ in range(20)]])
    with LiveSource("camera 1", lambda: next(given), WINDOW) as source:
        assert wait_for_status(source, message)
        assert "Plug it in and press r, or choose another: --list-cameras" in (source.status or "")
        assert wait_for_status(source, None)
        assert until(lambda: source.read(0.1) is not None)
        if "hang" not in name:
            assert devices[0].released.wait(5)


def test_only_the_newest_frame_is_handed_out_with_its_time() -> None:
    device = Device(moving)
    with LiveSource("camera 0", lambda: device, CALM) as source:
        first = source.read(1.0)
        assert until(lambda: device.count > 30)
        before = device.count
        second = source.read(1.0)
        assert first is not None
        assert second is not None
        assert number_of(second.image) >= before - 2
        assert (first.index, second.index) == (0, 1)
        assert first.time_s == 0.0
        assert first.grabbed_s is not None
        assert second.grabbed_s is not None
        assert second.time_s == second.grabbed_s - first.grabbed_s > 0
        assert second.grabbed_s <= time.monotonic()
        assert source.dropped >= 20
        assert source.problems == []
    assert device.released.is_set()


def test_reading_waits_no_longer_than_asked() -> None:
    let_go = threading.Event()
    device = Device(lambda _: (let_go.wait(60), None))
    with LiveSource("camera 0", lambda: device, CALM) as source:
        assert source.read(0.1) is None
        assert device.count == 1  # it still hangs in its first read
        assert not source.ended
        let_go.set()


def test_dark_first_frames_are_no_fault() -> None:
    with LiveSource("camera 0", lambda: Device(lambda n: black(n) if n < 20 else moving(n)), CALM) as source:
        for _ in range(40):
            source.read(1.0)
            assert source.status is None


ODD = {
    "grey": (np.full((48, 64), 9, np.uint8), (48, 64, 3)),
    "two channels": (np.full((48, 64, 2), 99, np.uint8), (48, 64, 3)),
    "16 bits": (np.full((48, 64), 9999, np.uint16), (48, 64, 3)),
}


@pytest.mark.parametrize("name", ODD)
def test_frames_of_other_kinds_become_bgr(name: str) -> None:
    given, shape = ODD[name]
    with LiveSource("camera 0", lambda: Device(lambda _: (True, given)), CALM) as source:
        assert next(source).image.shape == shape


def test_bad_reads_and_new_sizes_do_not_stop_the_others() -> None:
    def reads(n: int) -> tuple[bool, np.ndarray | None]:
        return [(False, None), (True, np.zeros((3, 3, 7), np.uint8)), (True, picture(n % 256, (160 + n % 2, 120)))][
            n % 3
        ]

    with LiveSource("camera 0", lambda: Device(reads), CALM) as source:
        sizes = {next(source).size for _ in range(12)}
        assert sizes == {(160, 120), (161, 120)}
        assert source.bad >= 12


@pytest.mark.parametrize(("fps", "shown"), [(30.0, 30.0), (0.0, None), (float("nan"), None), (1000.0, None)])
def test_an_absurd_rate_is_unknown(fps: float, shown: float | None) -> None:
    with LiveSource("camera 0", lambda: Device(moving, fps), CALM) as source:
        assert source.fps == shown


def test_what_cannot_be_opened_is_told_at_once() -> None:
    def refuse() -> Device:
        raise SourceError("camera 5 cannot be opened")

    for options in (QUICK, WINDOW):
        with pytest.raises(SourceError, match="camera 5 cannot be opened"):
            LiveSource("camera 5", refuse, options)


def test_a_driver_that_hangs_in_opening_is_left_behind() -> None:
    with pytest.raises(SourceError, match=r"camera 0 did not answer within 0.3 s \(unplugged"):
        LiveSource("camera 0", lambda: time.sleep(60), SourceOptions(open_timeout_s=0.3), CAMERA)  # type: ignore[arg-type,return-value]


def test_reconnecting_by_hand_keeps_numbers_and_times_going() -> None:
    devices: list[Device] = []

    def open_it() -> Device:
        devices.append(Device(moving))
        return devices[-1]

    with LiveSource("camera 0", open_it, SourceOptions(stall_s=20.0, live_retry=True)) as source:
        before = [next(source) for _ in range(3)][-1]
        source.reconnect()
        following = next(source)
        assert len(devices) == 2
        assert devices[0].released.is_set()  # before the second was opened: a camera cannot be open twice
        assert following.index == before.index + 1
        assert following.time_s > before.time_s


def test_pressing_r_on_a_hanging_driver_does_not_pile_up_threads() -> None:
    with LiveSource("camera 0", lambda: Device(hanging), WINDOW) as source:
        before = threading.active_count()
        for _ in range(30):
            source.reconnect()
        assert threading.active_count() - before <= 4


def test_the_end_time_ends_a_live_source() -> None:
    with LiveSource("camera 0", lambda: Device(moving), SourceOptions(end_s=0.2)) as source:
        times = [frame.time_s for frame in source]
        assert source.ended
        assert max(times) < 0.2


def test_a_process_ends_while_its_driver_hangs() -> None:
    code = (
        "import time\nfrom digitrec.sources import SourceOptions\nfrom digitrec.sources.live import LiveSource\n"
        "class Hanging:\n    def read(self): time.sleep(600)\n    def release(self): pass\n"
        "source = LiveSource('camera 0', Hanging, SourceOptions())\nprint(source.read(0.1))\n"
    )
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, cwd=ROOT)
    assert (run.returncode, run.stdout, run.stderr) == (0, "None\n", "")


# --- real streams


def half(n: int) -> bytes:
    whole = jpeg(picture(n))
    return part(whole[: len(whole) // 2] if n % 2 else whole)


BLACK = np.zeros((48, 64, 3), np.uint8)
STREAMS = {
    "/whole": Reply(frames([picture(n) for n in range(20)])),
    "/no-length": Reply(lambda _: iter([*(part(jpeg(picture(n)), with_length=False) for n in range(20)), END])),
    "/bare-lines": Reply(lambda _: iter([part(jpeg(picture(n))).replace(b"\r\n", b"\n", 4) for n in range(3)] + [END])),
    "/quoted": Reply(frames([picture(n) for n in range(3)]), MJPEG.replace("frame", '"--frame"')),
    "/sizes": Reply(frames([picture(n, (160 + 16 * (n % 3), 120)) for n in range(6)])),
    "/half": Reply(lambda _: iter([*(half(n) for n in range(20)), END])),
    "/dies": Reply(frames([picture(n) for n in range(5)], end=b"")),
    "/dies-in-part": Reply(frames([picture(n) for n in range(5)], end=part(jpeg(picture(5)))[:400])),
    "/stalls": Reply(then_stall(*(part(jpeg(picture(n))) for n in range(5)))),
    "/silent": Reply(then_stall()),
    "/repeats": Reply(frames([picture(7)], again=True)),
    "/black": Reply(frames([BLACK, BLACK + 1], again=True)),
    "/no-headers": Reply(lambda _: iter([b"x" * 65536])),
    "/huge-part": Reply(lambda _: iter([b"--frame\r\nContent-Length: 999999999\r\n\r\n"])),
    "/endless-part": Reply(lambda closing: (b"--frame\r\n\r\n" if not n else b"x" * 999 for n in iter(int, 1))),
    "/photo": Reply(jpeg(picture(42)), "image/jpeg"),
    "/redirect": Reply(b"", "text/plain", 302, {"Location": "/photo"}),
    "/to-file": Reply(b"", "text/plain", 302, {"Location": "file:///etc/hostname"}),
    "/to-ftp": Reply(b"", "text/plain", 302, {"Location": "ftp://127.0.0.1/x"}),
    "/in-circles": Reply(b"", "text/plain", 302, {"Location": "/in-circles"}),
    "/page": Reply(b"<html><body>camera</body></html>", "text/html"),
    "/playlist.m3u8": Reply(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", "application/x-mpegurl"),
    "/locked": Reply(b"", "text/plain", 401, {"WWW-Authenticate": 'Basic realm="cam"'}),
    "/digest": Reply(b"", "text/plain", 401, {"WWW-Authenticate": 'Digest realm="cam", nonce="1", qop="auth"'}),
    "/trickle": Reply(lambda closing: (b"\xff\xd8\xff" * 0 if closing.wait(0.05) else b"\xff" for _ in range(400))),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(STREAMS) as running:
        yield running


COMPLETE = {"/whole": 20, "/no-length": 20, "/bare-lines": 3, "/quoted": 3, "/sizes": 6, "/half": 10, "/photo": 1}


@pytest.mark.parametrize("path", [*COMPLETE, "/redirect"])
def test_a_stream_is_read_to_its_end(path: str, server: Server) -> None:
    with open_source([server.url(path)], CALM) as source:
        found = list(source)
        dropped = getattr(source, "dropped", 0)
        if path == "/half":
            assert source.bad == 10  # type: ignore[attr-defined]
    assert len(found) + dropped == COMPLETE.get(path, 1)
    assert {frame.source for frame in found} == {server.url(path)}
    numbers = [number_of(frame.image) for frame in found]
    assert numbers == sorted(numbers)


def test_a_stream_among_other_inputs_is_passed_over(server: Server) -> None:
    """Without a word it would be read for ever."""
    with open_source([server.url("/whole"), server.url("/photo")], CALM) as source:
        assert [number_of(frame.image) for frame in source] == [42]
        assert source.problems == [NEVER_ENDS.format(server.url("/whole"))]


def test_workers_refuse_a_stream(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "setNumThreads", lambda _: None)
    monkeypatch.setenv("OPENCV_FFMPEG_THREADS", "1")
    report = Reader(make_job(None, None, CALM, crops=False)).read_whole(Unit(0, server.url("/whole"), False))
    assert (report.frames, report.problems) == ((), (NEVER_ENDS.format(server.url("/whole")),))


REFUSALS = {
    "/dies": "broke off: the server closed the connection",
    "/dies-in-part": "broke off: the server closed the connection",
    "/stalls": "gave no frame for 0.3 s (the server or the network is down)",
    "/silent": "gave no frame for 0.3 s",
    "/trickle": "gave no frame for 0.3 s",
    "/repeats": "repeats one and the same frame (its camera hangs)",
    "/black": "gives only black frames",
    "/no-headers": "is no MJPEG stream: it has no part headers",
    "/huge-part": "sends a picture of 953 MB",
    "/endless-part": "",
    "/to-file": "cannot be opened: it redirects in a circle, or to something else than http(s)",
    "/to-ftp": "cannot be opened: it redirects in a circle, or to something else than http(s)",
    "/in-circles": "cannot be opened: it redirects in a circle, or to something else than http(s)",
    "/page": "cannot be read: it holds a web page",
    "/playlist.m3u8": "cannot be read: it is a playlist or script that points to other files",
    "/locked": "cannot be opened: it wants a user name and password",
    "/digest": "cannot be opened: it wants a user name and password",
    "/nowhere": "cannot be opened: the server answers 404",
}


@pytest.mark.parametrize("path", REFUSALS)
def test_a_stream_at_fault_ends_with_its_line(path: str, server: Server) -> None:
    with pytest.raises(SourceError) as caught, open_source([server.url(path)], QUICK) as source:
        list(source)
    assert caught.value.message.startswith(f"{server.url(path)} {REFUSALS[path]}")
    assert "\n" not in caught.value.message


def test_frames_before_a_death_are_all_handed_out(server: Server) -> None:
    found = []
    with open_source([server.url("/dies")], CALM) as source, pytest.raises(SourceError):
        found.extend(iter(lambda: source.read(1.0), "never"))  # type: ignore[attr-defined]
    assert len([frame for frame in found if frame]) + source.dropped == 5  # type: ignore[attr-defined]


def test_a_window_reconnects_to_a_server_that_died(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "_FIRST_PAUSE_S", 0.05)
    before = server.requests.count("/dies")
    with open_source([server.url("/dies")], WINDOW) as source:
        assert isinstance(source, LiveSource)
        assert wait_for_status(source, "broke off")
        assert until(lambda: (source.read(0.05), server.requests.count("/dies"))[1] >= before + 3)


def test_a_silent_server_is_refused_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        for scheme in ("http", "rtsp"):
            start_s = time.monotonic()
            with pytest.raises(SourceError, match="cannot be opened: no answer"):
                open_source([f"{scheme}://127.0.0.1:{port}/"], QUICK)
            assert time.monotonic() - start_s < 20  # FFmpeg alone waits for 30


BAD_ADDRESSES = {
    "http://": "is no address",
    "http://[half": "is no address",
    "http://host:port/": "is no address",
    "ftp://host/x.mp4": "ftp:// is not read",
    "file:///etc/hostname": "file:// is not read",
    "concat://a|b": "concat:// is not read",
    "http://host/\udcff": "is no address: it is no UTF-8",
    "rtsp://host/\udcff": "is no address: it is no UTF-8",
    "http://127.0.0.1:9/": "Connection refused",
    "rtsp://127.0.0.1:9/": "no answer, or no video there",
}


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_bad_addresses_are_told(address: str) -> None:
    with pytest.raises(SourceError) as caught:
        open_source([address], QUICK)
    assert BAD_ADDRESSES[address] in caught.value.message


def test_a_password_is_used_and_never_shown() -> None:
    with Server({"/cam": Reply(b"", "text/plain", 401, {"WWW-Authenticate": 'Basic realm="cam"'})}) as locked:
        address = locked.url("/cam").replace("http://", "http://ann:s%40cret@")
        with pytest.raises(SourceError) as caught:
            open_source([address], QUICK)
        seen = locked.headers
    assert caught.value.message.endswith("cannot be opened: it refused the user name or the password. Check both.")
    wanted = "Basic " + base64.b64encode(b"ann:s@cret").decode()
    assert wanted in [headers.get("Authorization") for headers in seen]


def test_a_password_is_sent_as_a_digest_where_that_is_wanted() -> None:
    challenge = {"WWW-Authenticate": 'Digest realm="cam", nonce="1", qop="auth"'}
    with Server({"/cam": Reply(b"", "text/plain", 401, challenge)}) as locked:
        with pytest.raises(SourceError) as caught:
            open_source([locked.url("/cam").replace("http://", "http://ann:s%40cret@")], QUICK)
        sent = [headers.get("Authorization", "") for headers in locked.headers]
    assert caught.value.message.endswith("it refused the user name or the password. Check both.")
    assert any(answer.startswith('Digest username="ann", realm="cam", nonce="1"') for answer in sent)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg makes the clip")
@pytest.mark.parametrize("layout", ["faststart", "0"])
def test_a_video_behind_an_address_gives_every_frame(layout: str, tmp_path: Path) -> None:
    """Also with its index at the end, from a server that sends no parts (``python -m http.server`` is one)."""
    clip = tmp_path / "clip.mp4"
    make = ["-f", "lavfi", "-i", "testsrc2=s=160x120:r=10:d=2", "-pix_fmt", "yuv420p", "-movflags", layout]
    subprocess.run(["ffmpeg", "-v", "error", *make, clip], check=True)
    replies = {"/clip.mp4": Reply(clip.read_bytes(), "video/mp4")}
    with Server(replies) as files, open_source([files.url("/clip.mp4")], QUICK) as source:
        assert [frame.index for frame in source] == list(range(20))
        assert not source.is_live


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg makes the stream")
def test_rtsp_is_read_live_and_its_silence_noticed() -> None:
    make = "-f lavfi -i testsrc2=s=160x120:r=30:d=2 -c:v libx264 -tune zerolatency -pix_fmt yuv420p -f h264 -"
    clip = subprocess.run(["ffmpeg", "-v", "error", *make.split()], capture_output=True, check=True).stdout
    sizes = []
    with RtspServer(clip) as rtsp, open_source([rtsp.url()], SourceOptions(stall_s=1.0)) as source:
        assert source.is_live
        with pytest.raises(SourceError, match=r"gave no frame for 1 s \(the server or the network is down\)"):
            sizes.extend(frame.size for frame in source)
    assert len(sizes) > 20
    assert set(sizes) == {(160, 120)}


def test_a_stream_end_closes_the_device() -> None:
    def ending(n: int) -> tuple[bool, np.ndarray | None]:
        if n == 3:
            raise StreamEnd
        return moving(n)

    device = Device(ending)
    with LiveSource("stream", lambda: device, WINDOW) as source:
        assert 1 <= len(list(source)) <= 3
        assert source.ended
        assert source.status is None
        assert device.released.is_set()
