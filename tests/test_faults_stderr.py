"""Standard error while native libraries are kept off it: nothing of ours is lost, and it always leads back."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digitrec import console as console_module
from digitrec.console import Console, heard_libraries, quiet_libraries

NOISE = re.compile(rb"noise")


@contextmanager
def descriptor_2_at(path: Path) -> Iterator[None]:
    """Whatever is written to file descriptor 2 goes to ``path``."""
    kept = os.dup(2)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def test_what_a_library_says_is_heard_and_all_else_passed_on(tmp_path: Path) -> None:
    with descriptor_2_at(tmp_path / "err"):
        with heard_libraries(NOISE) as heard:
            os.write(2, b"noise 1\nTraceback of another thread\nnoise 2\n")
        os.write(2, b"end\n")
    assert heard == [b"noise 1\n", b"noise 2\n"]
    assert (tmp_path / "err").read_bytes() == b"Traceback of another thread\nend\n"


def test_it_leads_back_after_an_exception(tmp_path: Path) -> None:
    with descriptor_2_at(tmp_path / "err"):
        for keeper in (quiet_libraries, lambda: heard_libraries(NOISE)):
            with pytest.raises(KeyboardInterrupt), keeper():
                raise KeyboardInterrupt
            os.write(2, b"back\n")
    assert (tmp_path / "err").read_bytes() == b"back\n" * 2


def test_one_inside_the_other(tmp_path: Path) -> None:
    with descriptor_2_at(tmp_path / "err"):
        with quiet_libraries():
            with heard_libraries(NOISE) as heard:
                os.write(2, b"noise\n")
            os.write(2, b"unheard\n")
        os.write(2, b"end\n")
    assert heard == [b"noise\n"]
    assert (tmp_path / "err").read_bytes() == b"end\n"


def test_many_threads_lose_nothing_and_leave_it_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unordered, one thread would keep as "before" what another had led it to, and lead it there for good."""
    monkeypatch.setattr(console_module, "_LONGEST_WAIT_S", 60.0)
    with descriptor_2_at(tmp_path / "err"), os.fdopen(os.dup(2), "w") as err:
        monkeypatch.setattr("sys.stderr", err)
        before = os.fstat(2).st_ino

        def work(number: int) -> None:
            console = Console()
            for turn in range(200):
                with heard_libraries(NOISE) if number % 2 else quiet_libraries():
                    os.write(2, b"noise\n")
                console.say(f"{number} {turn}")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert os.fstat(2).st_ino == before
    lines = (tmp_path / "err").read_text().splitlines()
    assert sorted(lines) == sorted(f"{number} {turn}" for number in range(6) for turn in range(200))


def test_a_thread_that_keeps_it_holds_up_nobody_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_module, "_LONGEST_WAIT_S", 0.05)
    let_go, has = threading.Event(), threading.Event()

    def keep() -> None:
        with quiet_libraries():
            has.set()
            let_go.wait(60)

    keeper = threading.Thread(target=keep)
    with descriptor_2_at(tmp_path / "err"):
        keeper.start()
        assert has.wait(60)
        with heard_libraries(NOISE) as heard:
            os.write(2, b"noise\n")
        Console().say("words")
        let_go.set()
        keeper.join(60)
        os.write(2, b"end\n")
    assert heard == []
    assert (tmp_path / "err").read_bytes() == b"end\n"


def test_a_closed_standard_error_is_no_fault() -> None:
    kept = os.dup(2)
    os.close(2)
    try:
        with quiet_libraries(), heard_libraries(NOISE) as heard:
            Console().say("words")
    finally:
        os.dup2(kept, 2)
        os.close(kept)
    assert heard == []
