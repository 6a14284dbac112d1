"""What SECURITY.md promises and code can break without any other test noticing."""

from __future__ import annotations

import ast
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.camtools import CAM, ROOT, cam, clean_environment, make_clip

SOURCES = [ROOT / "cam.py", ROOT / "draw.py", *sorted((ROOT / "digitrec").rglob("*.py"))]
AT_RUN_TIME = [path for path in SOURCES if "training" not in path.parts]

RUNS_CODE = {"eval", "exec", "compile", "__import__"}
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "joblib", "dill", "ctypes.util"}
MAY_PICKLE = {"crew.py"}  # between its own processes
MAY_START_PROGRAMS = {"clipboard.py", "trial.py"}
MAY_USE_THE_NETWORK = {"web.py", "mjpeg.py", "specs.py"}


def calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_runs_code_that_it_was_given(path: Path) -> None:
    tree = ast.parse(path.read_text())
    for call in calls(tree):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        attribute = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        assert name not in RUNS_CODE
        assert ast.unparse(call.func) not in {"os.system", "os.popen"}
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        for flag, harmless in (("shell", False), ("allow_pickle", False), ("safe_mode", True)):
            value = keywords.get(flag)
            assert value is None or (isinstance(value, ast.Constant) and value.value is harmless), flag
        if attribute == "load_model":
            assert "training" in path.parts
            assert "safe_mode" in keywords
    found = imports(tree)
    assert not found & (UNSAFE_MODULES - ({"pickle"} if path.name in MAY_PICKLE else set()))
    assert "subprocess" not in found or path.name in MAY_START_PROGRAMS


@pytest.mark.parametrize("path", AT_RUN_TIME, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_network_has_one_door(path: Path) -> None:
    found = {name.partition(".")[0] for name in imports(ast.parse(path.read_text()))}
    assert not found & {"requests", "urllib3", "aiohttp", "ftplib", "smtplib", "tensorflow", "keras"}
    assert not found & {"urllib", "http", "socket"} or path.name in MAY_USE_THE_NETWORK


def test_versions_with_known_holes_are_excluded() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    (opencv,) = [line for line in lines if line.startswith("opencv")]
    oldest = re.search(r">=(\d+)\.(\d+)", opencv)
    assert oldest
    assert (int(oldest[1]), int(oldest[2])) >= (4, 12), "CVE-2025-53644"


@pytest.mark.skipif(sys.platform == "win32", reason="no umask")
def test_outputs_have_the_rights_that_the_user_gives_new_files(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.avi", ["72"] * 3)
    outputs = ["o.jsonl", "o.csv", "o.mp4", "o.mkv"]
    command = [sys.executable, CAM, str(clip), "--no-window", *[part for name in outputs for part in ("--out", name)]]
    subprocess.run(
        ["sh", "-c", 'umask 027; exec "$0" "$@"', *command], cwd=tmp_path, env=clean_environment(), check=True,
        capture_output=True, timeout=60,
    )  # fmt: skip
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in outputs} == {0o640}


@pytest.mark.skipif(os.name != "posix", reason="names with control characters")
def test_a_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "\x1b]0;owned\x07.png").write_bytes(b"no picture")
    done = cam("\x1b]0;owned\x07.png", "--no-window", cwd=tmp_path)
    assert done.returncode == 4
    assert "\x1b" not in done.stderr + done.stdout
