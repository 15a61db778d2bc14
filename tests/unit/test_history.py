"""The history keeps every run: whole lines, also when two runs end at once or a line was torn before."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from workbench.errors import NotebookError
from workbench.notebooks.history import append_history, history_path, read_history


def test_records_come_back_oldest_first(tmp_path: Path) -> None:
    append_history(tmp_path, {"id": "1", "note": "ü\n"})
    append_history(tmp_path, {"id": "2"})

    assert read_history(tmp_path) == [{"id": "1", "note": "ü\n"}, {"id": "2"}]


def test_a_folder_without_history_has_no_runs(tmp_path: Path) -> None:
    assert read_history(tmp_path) == []


def test_a_torn_last_line_costs_that_record_only(tmp_path: Path) -> None:
    append_history(tmp_path, {"id": "1"})
    with history_path(tmp_path).open("ab") as file:
        file.write(b'{"id": "2", "no')

    append_history(tmp_path, {"id": "3"})

    assert read_history(tmp_path) == [{"id": "1"}, {"id": "3"}]


def test_runs_that_end_at_the_same_moment_lose_nothing(tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=append_history, args=(tmp_path, {"id": n, "text": "x" * 9000})) for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(record["id"] for record in read_history(tmp_path)) == list(range(20))


def test_a_history_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    history_path(tmp_path).mkdir()

    with pytest.raises(NotebookError, match=r"index\.jsonl"):
        append_history(tmp_path, {"id": "1"})
