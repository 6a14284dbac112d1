"""What the SOURCE arguments mean: files, folders, globs, cameras; and several of them in a row."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import pytest

from digitrec.errors import SourceError, UsageError
from digitrec.sources import CameraInfo, SourceOptions, cameras, list_cameras, open_source
from digitrec.sources.cameras import _list_sysfs, _refusal, find_camera, first_camera, open_camera
from digitrec.sources.closed import closed_folders
from digitrec.sources.specs import Kind, expand
from tests.streams import number_of, picture

TWO = [CameraInfo(0, "Integrated Webcam: HD"), CameraInfo(2, "Logitech Webcam C920")]


def set_cameras(monkeypatch: pytest.MonkeyPatch, found: Sequence[CameraInfo]) -> None:
    for module in (cameras, sys.modules["digitrec.sources.specs"]):
        if hasattr(module, "list_cameras"):
            monkeypatch.setattr(module, "list_cameras", lambda: list(found))


def save(path: Path, number: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture(number))
    return path


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Numbered pictures in folders, with things between them that are none; it is the current folder."""
    for number, name in enumerate(["p1.png", "p2.png", "p10.png", "deep/er/p11.JPG", "with [brackets]/p12.png"]):
        save(tmp_path / name, number)
    for name in ("notes.txt", "truth.json", "._p1.png", "p3.png.part"):
        (tmp_path / name).write_bytes(b"not a picture")
    (tmp_path / "folder.png").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


GIVEN = {
    "a file": (["p2.png"], [1]),
    "several": (["p10.png", "p1.png"], [2, 0]),
    "a folder": (["."], [0, 1, 2]),
    "a glob": (["p*.png"], [0, 1, 2]),
    "a deep glob": (["**/*.[pj][np]g"], [0, 1, 2, 4]),
    "a deep glob of jpg": (["**/*.JPG"], [3]),
    "brackets in a name": (["with [brackets]/p12.png"], [4]),
    "a mix": (["deep/er", "p1.png", "p[2-9].png"], [3, 0, 1]),
}


@pytest.mark.parametrize("name", GIVEN)
def test_files_folders_and_globs_give_pictures_as_people_count(name: str, archive: Path) -> None:
    specs, numbers = GIVEN[name]
    with open_source(specs) as source:
        assert source.frame_count == len(numbers)
        frames = list(source)
        assert source.problems == []
    assert [number_of(frame.image) for frame in frames] == numbers
    assert [frame.index for frame in frames] == list(range(len(numbers)))
    assert all(Path(frame.source).exists() for frame in frames)


REFUSED = {
    "missing.mp4": "cannot be opened: there is no such file",
    "no/such/photo": "cannot be opened: there is no such file",
    "x" * 5000 + ".png": "cannot be opened: there is no such file",
    "nul\0.png": "cannot be opened: there is no such file",
    "*.mp4": "nothing to read matches *.mp4",
    "empty": "folder empty holds no picture and no video",
    "": "'' cannot be opened: no file and no camera has that name",
    "notes.txt": "cannot be read: it holds text",
    "pipe": "cannot be read: it is a pipe",
    "socket": "cannot be read: it is a socket",
    "/dev/null": "cannot be read: it is a device",
    "-1": "camera -1 does not exist: cameras are numbered from 0",
    "-99999999999999999999": "does not exist: cameras are numbered from 0",
    "200": "camera 200 does not exist",
    "99999999999999999999": "does not exist: cameras are numbered from 0",
}


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes and devices among the files")
@pytest.mark.parametrize("spec", REFUSED, ids=lambda spec: spec[:12])
def test_what_cannot_be_read_is_told_in_one_line(spec: str, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_cameras(monkeypatch, TWO)
    (archive / "empty").mkdir()
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        with pytest.raises(SourceError) as caught:
            open_source([spec])
    assert REFUSED[spec] in caught.value.message
    assert len(caught.value.message) < 500
    assert caught.value.exit_code == 4


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(archive: Path) -> None:
    (archive / "p1.png").chmod(0)
    with pytest.raises(SourceError, match=r"p1\.png cannot be opened: Permission denied"):
        open_source(["p1.png"])


def test_folders_that_a_glob_may_not_look_into_are_told(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    list_folder = os.scandir

    def list_open(path: object = ".") -> object:
        if Path(os.fsdecode(path)).name in {"er", ".hidden"}:  # type: ignore[call-overload]
            raise PermissionError(13, "Permission denied", str(path))
        return list_folder(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", list_open)
    (archive / ".hidden").mkdir()
    closed = f"{Path('deep/er')} cannot be opened: you may not look into that folder. Check its permissions."
    for pattern, numbers in (("**/*.png", [0, 1, 2, 4]), (f"{archive}/**/p1.png", [0]), ("d*/*/*.JPG", None)):
        problem = closed if pattern[0] in "*d" else f"{archive}/{closed}"
        if numbers is None:
            with pytest.raises(SourceError) as caught:
                open_source([pattern])
            assert caught.value.message == problem
        else:
            with open_source([pattern]) as source:
                assert [number_of(frame.image) for frame in source] == numbers
                assert source.problems == [problem]
    assert closed_folders("p*.png") == closed_folders("deep/*.png") == closed_folders("missing/*.png") == []


def test_a_pipe_among_the_pictures_is_passed_over(archive: Path) -> None:
    os.mkfifo("p4.png")
    with open_source(["."]) as source:
        assert [number_of(frame.image) for frame in source] == [0, 1, 2]
        assert [problem.partition(". ")[0] for problem in source.problems] == ["p4.png cannot be read: it is a pipe"]


def test_bad_inputs_are_noted_and_the_others_read(archive: Path) -> None:
    (archive / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    with open_source(["p1.png", "missing.png", "broken.jpg", "notes.txt", "p2.png"]) as source:
        frames = list(source)
        assert [(frame.index, frame.source) for frame in frames] == [(0, "p1.png"), (1, "p2.png")]
        assert len(source.problems) == 3
        assert source.problems[0] == "missing.png cannot be opened: there is no such file. Check its name and folder."


def test_nothing_but_bad_inputs_is_an_error(archive: Path) -> None:
    with open_source(["missing.png", "notes.txt"]) as source, pytest.raises(SourceError) as caught:
        list(source)
    assert caught.value.message.startswith("none of the 2 inputs could be read; the first: missing.png cannot be")


def test_videos_and_pictures_in_a_row_keep_their_own_numbers(archive: Path) -> None:
    writer = cv2.VideoWriter("clip.avi", cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), 10, (160, 120))
    for number in range(20, 25):
        writer.write(picture(number))
    writer.release()
    with open_source(["p1.png", "clip.avi", "p2.png"], SourceOptions(start_s=0.2)) as source:
        assert not source.seek(0.3)
        frames = [next(source), next(source)]
        assert source.fps == 10
        assert source.seek(0.4)
        frames += list(source)
    assert [(frame.source, frame.index) for frame in frames] == [
        ("p1.png", 0),
        ("clip.avi", 2),
        ("clip.avi", 4),
        ("p2.png", 1),
    ]
    assert frames[1].time_s == pytest.approx(0.2)


@pytest.mark.parametrize("live", ["0", "rtsp://127.0.0.1/cam"])
def test_a_live_source_stands_alone(live: str, archive: Path) -> None:
    with pytest.raises(UsageError, match="a camera or stream never ends"):
        open_source(["p1.png", live])


def test_a_name_that_is_not_utf8_is_shown(archive: Path) -> None:
    name = os.fsdecode(b"p\xff.png")
    try:
        os.replace("p1.png", name)  # noqa: PTH105
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    with open_source([name]) as source:
        assert [frame.source for frame in source] == ["p\N{REPLACEMENT CHARACTER}.png"]


def test_a_picture_replaced_while_it_is_read_is_the_old_one(archive: Path) -> None:
    with open_source(["p1.png"]) as source:
        save(archive / "p1.png", 99)
        assert number_of(next(source).image) == 0


# --- cameras


def test_cameras_are_found_by_number_and_part_of_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    set_cameras(monkeypatch, TWO)
    for spec, number in {"2": "2", "/dev/video2": "2", "c920": "2", "integrated": "0"}.items():
        (item,) = expand([spec])
        assert (item.kind, item.text) == (Kind.CAMERA, number)
    assert expand([])[0].text == "0"
    assert find_camera("nothing") is None
    with pytest.raises(SourceError, match=r"camera 0 \(Integrated Webcam: HD\), camera 2 \(Logitech Webcam C920\)"):
        find_camera("webcam")


def test_no_camera_names_the_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    set_cameras(monkeypatch, [])
    with pytest.raises(SourceError) as caught:
        first_camera()
    assert caught.value.exit_code == 4
    assert "--demo" in caught.value.message
    assert "cam.py clip.mp4" in caught.value.message


@pytest.mark.skipif(sys.platform != "linux", reason="device files of Linux")
def test_a_camera_that_is_not_there_names_those_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    set_cameras(monkeypatch, TWO)
    with pytest.raises(SourceError, match=r"camera 77 does not exist: here is camera 0 \(Integrated Webcam: HD\)"):
        open_source(["77"])


@pytest.mark.skipif(sys.platform != "linux", reason="device files of Linux")
def test_a_camera_without_permission_names_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "exists", lambda _: True)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "sudo usermod -aG video $USER" in (_refusal(3) or "")


class Opened:
    """A stand-in for cv2.VideoCapture that notes what is asked of it."""

    def __init__(self, *_: object, opens: bool = True) -> None:
        self.opens = opens
        self.asked: dict[int, float] = {}

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self.opens

    def set(self, prop: int, value: float) -> bool:
        self.asked[prop] = value
        return True

    def release(self) -> None:
        self.asked.clear()


def test_size_and_rate_are_asked_of_the_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "_refusal", lambda _: None)
    monkeypatch.setattr(cv2, "VideoCapture", Opened)
    asked = open_camera(0, SourceOptions(width=1280, height=720, fps=25)).asked  # type: ignore[attr-defined]
    assert asked[cv2.CAP_PROP_FRAME_WIDTH] == 1280
    assert asked[cv2.CAP_PROP_FRAME_HEIGHT] == 720
    assert asked[cv2.CAP_PROP_FPS] == 25
    assert next(iter(asked)) == cv2.CAP_PROP_FOURCC  # the size depends on it, so it comes first
    assert cv2.CAP_PROP_FRAME_WIDTH not in open_camera(0, SourceOptions()).asked  # type: ignore[attr-defined]


def test_a_busy_camera_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "_refusal", lambda _: None)
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: Opened(opens=False))
    for system, setting in {"Linux": "--list-cameras", "Darwin": "Privacy & Security", "Windows": "Settings >"}.items():
        monkeypatch.setattr(cameras.platform, "system", lambda system=system: system)
        with pytest.raises(SourceError, match=r"camera 0 cannot be opened \(in use by another program") as caught:
            open_camera(0, SourceOptions())
        assert setting in caught.value.message


def test_without_the_library_linux_lists_capture_nodes_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for node, name, index in (("video10", "Camera B", 0), ("video0", "Camera A", 0), ("video1", "Camera A", 1)):
        (tmp_path / node).mkdir()
        (tmp_path / node / "name").write_text(name + "\n")
        (tmp_path / node / "index").write_text(f"{index}\n")
    (tmp_path / "video2").mkdir()  # unplugged while listing
    assert _list_sysfs(tmp_path) == [
        CameraInfo(0, "Camera A", "/dev/video0"),
        CameraInfo(10, "Camera B", "/dev/video10"),
    ]
    monkeypatch.setitem(sys.modules, "cv2_enumerate_cameras", None)
    monkeypatch.setattr(cameras, "_SYSFS", tmp_path)
    assert [camera.index for camera in list_cameras()] == [0, 10]


def test_the_library_lists_cameras_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    library = pytest.importorskip("cv2_enumerate_cameras")
    found = [library.CameraInfo(2, "B", "/dev/video2", None, None, 200), library.CameraInfo(0, None, None, 1, 2, 200)]
    monkeypatch.setattr(library, "enumerate_cameras", lambda _: found)
    assert list_cameras() == [CameraInfo(0, "camera 0", None), CameraInfo(2, "B", "/dev/video2")]
