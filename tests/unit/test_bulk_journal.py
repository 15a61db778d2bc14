"""Journals: what is appended stays, what is torn is cut off, and what is of something else is refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from workbench.bulk import Journal
from workbench.errors import JournalError

OF = {"table": "lines", "id": "abc"}


def opened(path: Path, **settings: object) -> Journal:
    return Journal.open(path, **{"kind": "write", "of": OF, **settings})  # type: ignore[arg-type]


def test_entries_are_there_when_it_is_opened_again_in_order(tmp_path: Path) -> None:
    with opened(tmp_path / "a.journal") as journal:
        assert journal.entries == []
        assert journal.said == ""
        assert journal.is_new
        journal.append({"rows": [0, 25]})
        journal.append({"rows": [25, 50]}, {"word": "größer\n"})

    with opened(tmp_path / "a.journal") as again:
        assert again.entries == [{"rows": [0, 25]}, {"rows": [25, 50]}, {"word": "größer\n"}]
        assert not again.is_new
        assert again.said == "a.journal holds 3 entries of an earlier run"


@pytest.mark.parametrize("tail", [b'{"rows"', b'{"rows": [1, 2]}', b"\0\0\0\0"])
def test_a_torn_last_line_is_cut_off_and_said_and_the_next_entry_is_whole(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "a.journal"
    with opened(path) as journal:
        journal.append({"n": 1})
    with path.open("ab") as file:
        file.write(tail)

    with opened(path) as again:
        assert again.entries == [{"n": 1}]
        assert again.cut == len(tail)
        assert f"a torn last line of {len(tail)} bytes was cut off" in again.said
        again.append({"n": 2})
    with opened(path) as third:
        assert third.entries == [{"n": 1}, {"n": 2}]


def test_a_damaged_line_before_the_last_is_refused_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    with opened(path) as journal:
        journal.append({"n": 1}, {"n": 2})
    path.write_bytes(path.read_bytes().replace(b'{"n":1}', b'{"n":1'))

    with pytest.raises(JournalError, match="line 2: no entry"):
        opened(path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "scan"}, r"is a journal of 'write', version 1, and this job's is of 'scan', version 1"),
        ({"version": 2}, r"version 1, and this job's is of 'write', version 2"),
        ({"of": {"table": "other", "id": "abc"}}, r"another job: its table is 'lines', now 'other'\."),
        ({"of": {"table": "lines"}}, r"its id is 'abc', now None"),
    ],
)
def test_a_journal_of_something_else_is_refused_and_says_of_what(
    tmp_path: Path, settings: dict[str, object], message: str
) -> None:
    path = tmp_path / "a.journal"
    opened(path).close()
    before = path.read_bytes()

    with pytest.raises(JournalError, match=message):
        opened(path, **settings)
    assert path.read_bytes() == before
    opened(path).close()  # and the lock was given back


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b'{"half": ', b"[]\n"])
def test_a_file_that_is_no_journal_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)

    with pytest.raises(JournalError, match="no journal of the workbench"):
        opened(path)
    assert path.read_bytes() == content


def test_two_cannot_hold_one_journal(tmp_path: Path) -> None:
    with opened(tmp_path / "a.journal"), pytest.raises(JournalError, match="in use by another process"):
        opened(tmp_path / "a.journal")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"a\.journal cannot be locked: .*a folder you can write to"):
        opened(tmp_path / "missing" / "\0" / "a.journal" if os.name == "nt" else Path("/proc/nowhere/a.journal"))


def test_a_write_that_fails_half_way_leaves_no_half_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.journal"
    real = os.write
    with opened(path) as journal:
        journal.append({"n": 1})

        def full(file: int, content: bytes) -> int:
            real(file, bytes(content[:3]))
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "write", full)
        with pytest.raises(JournalError, match="No space left"):
            journal.append({"n": 2})
        monkeypatch.setattr(os, "write", real)
        journal.append({"n": 3})

    with opened(path) as again:
        assert again.entries == [{"n": 1}, {"n": 3}]
        assert again.cut == 0


@pytest.mark.parametrize("name", ["write", "fsync", "replace"])
@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
def test_an_interrupt_while_it_is_begun_is_what_is_raised_and_leaves_no_handle_no_lock_and_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, behind: bool
) -> None:
    real = getattr(os, name)

    def interrupted(*arguments: object) -> object:
        if behind:
            real(*arguments)
        raise KeyboardInterrupt

    path = tmp_path / "a.journal"
    before = os.listdir("/proc/self/fd")
    monkeypatch.setattr(os, name, interrupted)
    with pytest.raises(KeyboardInterrupt):
        opened(path)
    monkeypatch.setattr(os, name, real)

    assert len(os.listdir("/proc/self/fd")) == len(before)
    assert list(tmp_path.glob("*.part")) + list(tmp_path.glob(".*.part")) == []
    with opened(path) as journal:
        assert journal.entries == []
        journal.append({"n": 1})


def test_an_interrupt_right_behind_its_opening_leaves_no_handle_and_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    before = os.listdir("/proc/self/fd")
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "__init__", interrupted)
        with pytest.raises(KeyboardInterrupt):
            opened(tmp_path / "a.journal")

    assert len(os.listdir("/proc/self/fd")) == len(before)
    opened(tmp_path / "a.journal").close()


def test_threads_that_append_together_lose_and_mix_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "a.journal") as journal:
        threads = [
            threading.Thread(target=lambda at=at: [journal.append({"t": at, "n": n}) for n in range(10)])  # type: ignore[misc]
            for at in range(4)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    with opened(tmp_path / "a.journal") as again:
        assert sorted((e["t"], e["n"]) for e in again.entries) == [(t, n) for t in range(4) for n in range(10)]


def test_what_was_appended_before_a_kill_is_there_and_the_lock_is_free(tmp_path: Path) -> None:
    code = """
import os, signal, sys
from workbench.bulk import Journal
journal = Journal.open(sys.argv[1], kind="write", of={"table": "lines", "id": "abc"})
journal.append({"n": 1})
os.kill(os.getpid(), signal.SIGKILL)
"""
    path = tmp_path / "a.journal"
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False, capture_output=True)

    assert done.returncode == -signal.SIGKILL, done.stderr
    with opened(path) as journal:
        assert journal.entries == [{"n": 1}]


def test_a_closed_journal_takes_no_entry(tmp_path: Path) -> None:
    journal = opened(tmp_path / "a.journal")
    journal.close()
    journal.close()

    with pytest.raises(JournalError, match="is closed"):
        journal.append({"n": 1})
    assert len((tmp_path / "a.journal").read_text().splitlines()) == 1
    assert json.loads((tmp_path / "a.journal").read_text())["of"] == OF
