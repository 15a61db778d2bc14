"""The arithmetic of the benchmarks: ratios in a round, wrong answers refused, targets met or missed, rounds kept."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import document, measurement, targets
from benchmarks.document import IMAGES, PAGE, RESULTS
from benchmarks.measurement import Record
from benchmarks.measuring import Report
from benchmarks.parts import PARTS, Case, cases
from benchmarks.summary import rows
from benchmarks.trials import Run, WrongAnswerError, ask, one_round, ratios, summaries, trusted
from benchmarks.worker import timed

ROOT = Path(__file__).parents[2]
CASE = Case("a-case", "read", "messages", ("base", "ours", "broken"), "base")


def rounds_of(*pairs: tuple[float, float]) -> list[list[Run]]:
    """Rounds in which the base and ours took so many seconds, and held twice so many bytes."""
    return [[Run("ours", ours, int(ours * 2), 10), Run("base", base, int(base * 2), 10)] for base, ours in pairs]


def test_a_ratio_is_made_within_its_round_so_that_a_slow_machine_slows_both() -> None:
    drifting = rounds_of((10, 1), (40, 4), (20, 2))

    assert ratios(drifting, "ours", "base") == [10, 10, 10]


def test_the_ratio_that_counts_is_the_median_of_the_rounds_ratios() -> None:
    (base, ours) = summaries(rounds_of((10, 1), (10, 5), (30, 10)), ["base", "ours"], "base")

    assert (base.ratio, ours.ratio) == (1, 3)
    assert (ours.seconds, ours.shortest, ours.longest) == (5, 1, 10)
    assert ours.memory_ratio == pytest.approx(1 / 3)


def test_a_round_in_which_one_of_both_is_missing_gives_no_ratio() -> None:
    assert ratios([*rounds_of((10, 2)), [Run("base", 10.0)], [Run("ours", error="E")]], "ours", "base") == [5]


def test_a_way_that_raises_has_its_error_and_no_figure_and_is_not_tried_again() -> None:
    measured: list[str] = []

    def measure(way: str) -> Run:
        measured.append(way)
        return Run(way, error="ArrowTypeError: no") if way == "broken" else Run(way, 1.0, 1, 10)

    first = one_round(CASE.ways, measure, random.Random(1))
    record = Record("part", "a-case", "f", rounds=[first])
    second = one_round(CASE.ways, measure, random.Random(2), record.broken)
    record.rounds.append(second)

    assert sorted(measured) == ["base", "base", "broken", "ours", "ours"]
    assert rows(record, CASE)[2][:3] == ["broken", "raises ArrowTypeError", "–"]
    assert summaries(record.rounds, CASE.ways, "base")[2].seconds is None


def test_each_round_measures_every_way_once_and_not_always_in_the_same_order() -> None:
    orders = {
        tuple(run.way for run in one_round("abcde", lambda way: Run(way, 1.0), random.Random(seed)))
        for seed in range(20)
    }

    assert all(sorted(order) == list("abcde") for order in orders)
    assert len(orders) > 10


def test_an_answer_with_rows_missing_is_refused() -> None:
    with pytest.raises(WrongAnswerError, match="ours gave 9 rows where there are 10"):
        trusted("ours", {"rows": 9}, 10)


def test_an_answer_with_another_digest_is_refused_and_so_is_one_without() -> None:
    trusted("ours", {"rows": 10, "digest": "right"}, 10, "right")
    for said in ({"rows": 10, "digest": "wrong"}, {"rows": 10}):
        with pytest.raises(WrongAnswerError, match="digests differ"):
            trusted("ours", said, 10, "right")


def test_a_worker_that_raises_or_dies_is_an_answer_with_its_error() -> None:
    assert ask({"task": "read", "way": "no such way", "url": "", "kind": "messages"})["error"] == "KeyError"
    assert ask({"no task": 1})["error"] == "KeyError"


def test_a_short_call_is_measured_often_and_the_median_counts() -> None:
    found = timed(lambda: [0] * 1000, len, 7)

    assert found["rows"] == 1000
    assert 0 < found["seconds"] < 0.1


def test_memory_is_the_peak_while_the_call_ran_and_not_what_was_held_before() -> None:
    held = bytearray(60_000_000)
    del held

    assert timed(lambda: len(bytearray(b"x" * 80_000_000)), lambda found: found)["memory"] > 80_000_000
    assert timed(lambda: 0, lambda found: found)["memory"] < 30_000_000


def measured(part: str, case: str, *pairs: tuple[float, float], base: str = "boto3 resource") -> list[targets.Finding]:
    names = {"base": base, "ours": "workbench"}
    found = [[replace(run, way=names[run.way]) for run in runs] for runs in rounds_of(*pairs)]
    return targets.findings({(part, case): found})


def test_a_target_is_met_by_the_median_and_missed_below_it() -> None:
    met = measured("reading-messages", "messages-20", (12, 1), (12, 1), (1, 1))
    missed = measured("reading-messages", "messages-20", (11.9, 1), (11.9, 1), (99, 1))

    assert [each.met for each in met if "boto3" in each.target.says] == [True]
    assert [each.met for each in missed if "boto3" in each.target.says] == [False]


def test_a_target_whose_rival_was_not_measured_is_not_met() -> None:
    (awswrangler,) = [
        each for each in measured("reading-messages", "messages-20", (99, 1)) if "awswrangler" in each.target.says
    ]

    assert (awswrangler.figure, awswrangler.met) == (None, False)
    assert awswrangler.row()[2:] == ["not measured", "MISSED"]


def test_memory_may_be_half_of_boto3s_at_most() -> None:
    def found(ours: float) -> bool:
        told = measured("reading-messages", "messages-120", (100, ours))
        return next(each.met for each in told if "memory" in each.target.says)

    assert found(50)
    assert not found(51)


def test_the_fastest_rival_is_looked_for_in_each_round_and_is_none_of_ours() -> None:
    runs = [
        [Run("workbench", 2.0), Run("workbench, DataFrame", 0.1), Run("boto3 batch_writer", 9.0), Run("pydynox", 4.0)],
        [Run("workbench", 2.0), Run("boto3 batch_writer", 3.0), Run("pydynox", 8.0)],
    ]

    (found,) = targets.findings({("writing-on-local", "messages-no-index"): runs})

    assert found.figure == pytest.approx((2.0 + 1.5) / 2)


def test_the_cost_of_an_item_is_compared_and_not_that_of_the_table() -> None:
    runs = [[Run("10,000 items", 1.0, 1, 10_000), Run("1,000,000 items", 110.0, 1, 1_000_000)]]

    (found,) = targets.findings({("scaling", "messages"): runs})

    assert found.figure == pytest.approx(1.1)
    assert found.met


def test_every_target_names_a_part_and_a_case_that_are_there() -> None:
    there = {(part.name, case.name) for part in PARTS.values() for case in part.cases}

    assert {(target.part, target.case) for target in targets.TARGETS} <= there


def test_only_takes_a_part_or_a_case_and_refuses_what_is_neither() -> None:
    assert len(list(cases([]))) == sum(len(part.cases) for part in PARTS.values())
    assert [case.name for _, case in cases(["reading-messages:messages-20"])] == ["messages-20"]
    with pytest.raises(KeyError, match="no part 'reading'; known: "):
        list(cases(["reading"]))


def test_rounds_are_kept_and_go_on_while_the_code_is_the_same(tmp_path: Path) -> None:
    said: list[str] = []
    kept = Record("part", "a-case", measurement.fingerprint(CASE), {"date": "2026-01-01"}, rounds=rounds_of((2, 1)))
    kept.save(tmp_path)

    found = measurement.measure("part", CASE, tmp_path, rounds=1, until=lambda: False, say=said.append)

    assert (found, said) == (kept, [])
    assert [path.name for path in tmp_path.iterdir()] == ["part.a-case.json"]


def test_rounds_of_other_code_are_not_gone_on_with_and_that_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    Record("part", "a-case", "other", rounds=rounds_of((2, 1))).save(tmp_path)

    found = measurement._begun("part", CASE, tmp_path, said.append)

    assert found.rounds == []
    assert "beginning anew" in said[0]


def test_the_page_keeps_what_is_around_its_marks() -> None:
    begin, end = document.marks("items")

    assert document.page(f"before {begin} old {end} after", {"items": "new"}) == f"before {begin}\n\nnew\n\n{end} after"
    with pytest.raises(ValueError, match="two marks"):
        document.page(f"before {end}", {"items": "new"})


def test_the_page_about_performance_holds_what_the_committed_results_give_and_so_do_its_charts() -> None:
    text = PAGE.read_text(encoding="utf-8")
    drawn = document.charts(document.records(RESULTS))

    assert document.page(text, document.blocks(RESULTS)) == text
    assert {name: (IMAGES / name).read_text(encoding="utf-8") for name in drawn} == {
        name: svg for name, (_, svg) in drawn.items()
    }


def test_a_report_is_the_same_after_it_was_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("Title", [(["way", "s"], [["a", "1"]])], "Met.")
    report.keep("suite", tmp_path)

    assert Report.load(tmp_path / "suite.json").text() == report.text() == capsys.readouterr().out.strip()
    assert report.text() == "Title\n\n| way | s |\n| --- | ---: |\n| a | 1 |\n\nMet."


def test_the_section_of_a_part_says_when_where_and_with_which_command_it_was_measured() -> None:
    about = {
        "date": "2026-01-01",
        "cores": 2,
        "system": "Linux",
        "python": "3.11",
        "load": 0.1,
        "versions": {"boto3": "1"},
    }
    names = {"base": "boto3 resource", "ours": "workbench"}
    runs = [[replace(run, way=names[run.way]) for run in each] for each in rounds_of((24, 2), (26, 2))]
    found = {("reading-messages", "messages-20"): Record("reading-messages", "messages-20", "f", about, {}, runs)}

    said = document.text(found)

    assert "`python -m benchmarks --only reading-messages`" in said
    assert "messages-20, 2 rounds on 2026-01-01; 2 cores, Linux, Python 3.11, load average 0.1 at the end." in said
    assert "| messages, 20 pages: times boto3's resource | at least 12 | 12.50 | met |" in said
    assert "| two segments: times one that uses both cores too | at least 1.4 | not measured | MISSED |" in said
    assert "| pydynox | not measured |" in said
    assert "reading.svg" in said


def test_the_libraries_measured_are_pinned_exactly_and_their_lock_holds_them_and_no_address() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = (ROOT / "benchmarks" / "requirements.lock").read_text()
    pins = set(re.findall(r"^[a-z0-9-]+==[^ \n]+", lock, re.MULTILINE))
    names = {pin.partition("==")[0] for pin in pins}
    wanted = {re.split(r"[\[>]", each)[0].lower() for each in project["dependencies"]}

    assert set(project["optional-dependencies"]["benchmarks"]) <= pins
    assert wanted <= names
    assert "://" not in lock
