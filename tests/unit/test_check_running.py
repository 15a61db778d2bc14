"""Checking a model: which session each example gets, what counts as proved, and the three forms of the report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from workbench import checks
from workbench.checks import check_model, verify
from workbench.checks.examples import matching_example
from workbench.errors import (
    DatabaseError,
    EngineError,
    LookupFailedError,
    RequestError,
    StatementError,
    UnknownNameError,
)
from workbench.items import Units
from workbench.model import Example, Expectation, Model, load_model
from workbench.plans import Clock, Plan
from workbench.results import Receipt, Result, recognise

SMALL = load_model(Path(__file__).parents[1] / "models" / "small")
BOOKS = [
    {"pk": "SHELF#poetry", "sk": f"BOOK#00{n}", "author": "Ada", "year": Decimal(1999 + n), "title": f"Title {n}"}
    for n in (1, 2, 3)
]
SQL = [{"isbn": f"00{n}", "author": "Ada", "year": 1999 + n, "title": f"Title {n}"} for n in (1, 2, 3)]


class Database:
    """Answers every query with the same rows, and remembers the parameters."""

    def __init__(self, rows: list[dict[str, Any]] | Exception) -> None:
        self.rows, self.asked = rows, []

    def query(self, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        self.asked.append(params)
        if isinstance(self.rows, Exception):
            raise self.rows
        return self.rows


class World:
    """A place where examples run: answers by pattern name, sessions counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, Any] = {}
        self.database = Database(SQL)
        self.opened = self.closed = 0
        self.sessions: list[Any] = []
        monkeypatch.setattr("workbench.checks.examples.run", self.run)

    def run(self, session: Any, plan: Plan, *, pages: int = 1) -> Result:
        self.sessions.append((plan.pattern.name, session))
        answer = self.answers.get(plan.pattern.name, BOOKS)
        if isinstance(answer, Exception):
            raise answer
        return make_result(plan, answer, pages=pages)

    @contextmanager
    def session(self) -> Iterator[Any]:
        self.opened += 1
        engine = SimpleNamespace(title="a test engine", name="test", is_near=False)
        yield SimpleNamespace(model=SMALL, client=None, database=self.database, engine=engine, clock=Clock.system())
        self.closed += 1

    def check(self, model: Model, **given: Any) -> checks.Report:
        return check_model(model, self.session, **given)


def make_result(plan: Plan, items: list[dict[str, Any]], *, pages: int = 1) -> Result:
    units = Units(read=Decimal("0.5"), table=Decimal("0.5"))
    receipt = Receipt("Query", 1, 1, len(items), 0, len(items), 300, units, units)
    recognised = tuple(recognise(plan.model, "library", item) for item in items)
    return Result(plan, [dict(item) for item in items], receipt, None if pages > 1 else "more", known=recognised)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def only(pattern: str, **changes: Any) -> Model:
    """The small model with one pattern, changed."""
    return replace(SMALL, patterns={pattern: replace(SMALL.pattern(pattern), **changes)})


def one_example(expect: Expectation = Expectation(), **arguments: Any) -> dict[str, Example]:  # noqa: B008
    return {"it": Example("it", {"shelf": "poetry", **arguments}, expect)}


SHELF = {"examples": one_example(Expectation(rows=3))}


def test_reads_share_one_session_and_every_write_has_its_own(world: World) -> None:
    two = {name: replace(SMALL.example("lend-book", "first-loan"), name=name) for name in ("one", "two")}
    model = replace(
        SMALL,
        patterns={
            "list-shelf": SMALL.pattern("list-shelf"),
            "lend-book": replace(SMALL.pattern("lend-book"), examples=two),
            "get-book": SMALL.pattern("get-book"),
        },
    )
    world.check(model)

    reads = {id(session) for name, session in world.sessions if name != "lend-book"}
    writes = {id(session) for name, session in world.sessions if name == "lend-book"}
    assert (len(reads), len(writes), reads & writes) == (1, 2, set())
    assert (world.opened, world.closed) == (3, 3)


def test_an_example_that_holds_is_reported_with_rows_units_and_the_oracles_word(world: World) -> None:
    report = world.check(only("list-shelf", **SHELF))

    assert report.ok
    entry = json.loads(report.to_json())["examples"][0]
    assert entry["status"] == "ok"
    assert entry["rows"] == 3
    assert entry["units"] == {"computed": {"read": 0.5, "write": 0.0}, "engine": {"read": 0.5, "write": 0.0}}
    assert entry["oracle"] == {"verdict": "agrees", "rows": 3}


def test_the_oracle_is_given_every_argument_and_the_limit(world: World) -> None:
    world.check(only("list-shelf", **SHELF))

    assert world.database.asked == [{"shelf": "poetry", "limit": 3}]


def test_a_changed_row_is_red_and_names_row_column_and_both_values(world: World) -> None:
    world.database.rows = [SQL[0], {**SQL[1], "title": "Other"}, SQL[2]]
    report = world.check(only("list-shelf", **SHELF))

    assert not report.ok
    assert report.examples[0].oracle == "differs"
    assert "sql/list-shelf.sql: row 2: title is 'Title 2' in the answer, 'Other' in SQL" in report.text()


def test_an_oracle_that_gives_nothing_is_no_pass(world: World) -> None:
    world.database.rows = []

    assert "the answer has 3 rows and SQL gives none" in world.check(only("list-shelf", **SHELF)).text()


def test_an_empty_answer_is_no_pass_even_where_sql_gives_nothing_too(world: World) -> None:
    world.answers["list-shelf"], world.database.rows = [], []
    report = world.check(only("list-shelf", examples=one_example()))

    assert report.counts["failed"] == 1
    assert "the answer is empty; where that is right, write `rows: 0`" in report.text()


def test_an_empty_answer_passes_where_it_is_expected(world: World) -> None:
    world.answers["list-shelf"], world.database.rows = [], []

    assert world.check(only("list-shelf", examples=one_example(Expectation(rows=0)))).ok


def test_an_example_that_nothing_stands_behind_is_unproved_and_not_ok(world: World) -> None:
    report = world.check(only("list-shelf", oracle=None, examples=one_example()))

    assert report.counts == {"ok": 0, "failed": 0, "unproved": 1, "uncovered": 0}
    assert not report.ok
    assert "nothing was proved" in report.text()


def test_a_pattern_without_examples_is_a_bad_verdict_of_the_coverage(world: World) -> None:
    report = world.check(only("list-shelf", examples={}))

    assert not report.ok
    assert report.counts["uncovered"] == 1
    assert "list-shelf: examples: none, so nothing proves the pattern; add `examples: {NAME:" in report.text()
    assert world.opened == 0


def test_a_report_in_which_no_example_ran_is_headed_by_the_engine_that_it_was_asked_on(world: World) -> None:
    model = only("list-shelf", examples={})

    assert world.check(model, engine="some engine").text().splitlines()[0] == "small on some engine"
    assert world.check(model).text().splitlines()[0] == "small"


def test_one_row_is_not_called_rows(world: World) -> None:
    world.answers["list-shelf"], world.database.rows = BOOKS[:1], SQL[:1]
    one = {"examples": one_example(Expectation(rows=1))}
    assert "SQL gives the same 1 row" in {
        verdict.message for verdict in world.check(only("list-shelf", **one)).verdicts
    }

    world.answers["list-shelf"] = []
    assert "the answer is empty and SQL gives 1 row" in world.check(only("list-shelf", **one)).text()

    world.answers["list-shelf"], world.database.rows = BOOKS[:1], []
    assert "the answer has 1 row and SQL gives none" in world.check(only("list-shelf", **one)).text()


def test_an_error_of_the_run_is_a_verdict(world: World) -> None:
    world.answers["list-shelf"] = RequestError("The table has no index 'x' here", code="ValidationException")
    report = world.check(only("list-shelf", **SHELF))

    assert report.examples[0].error == "ValidationException"
    assert "The table has no index 'x' here" in report.text()


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (RequestError("no", code="ConditionalCheckFailedException"), "ConditionalCheckFailedException"),
        (RequestError("no", code="ConditionalCheckFailedException"), "RequestError"),
        (LookupFailedError("no user has the handle x"), "LookupFailedError"),
    ],
)
def test_an_error_that_is_expected_passes(world: World, raised: Exception, expected: str) -> None:
    world.answers["list-shelf"] = raised

    assert world.check(only("list-shelf", examples=one_example(Expectation(error=expected)))).ok


def test_another_error_than_the_expected_one_or_none_fails(world: World) -> None:
    examples = one_example(Expectation(error="ConditionalCheckFailedException"))
    assert (
        "no error, expected ConditionalCheckFailedException"
        in world.check(only("list-shelf", examples=examples)).text()
    )

    world.answers["list-shelf"] = RequestError("too fast", code="ThrottlingException")
    told = world.check(only("list-shelf", examples=examples)).text()
    assert "ThrottlingException, expected ConditionalCheckFailedException: too fast" in told


@pytest.mark.parametrize("outage", [EngineError("the engine is down"), DatabaseError("the database is down")])
def test_an_engine_or_database_that_is_down_is_no_verdict(world: World, outage: Exception) -> None:
    world.answers["list-shelf"] = outage

    with pytest.raises(type(outage), match="is down"):
        world.check(only("list-shelf", **SHELF))
    assert world.closed == 0 or world.opened == world.closed


def test_wrong_sql_is_a_verdict_and_a_database_that_is_down_is_not(world: World) -> None:

    refused = StatementError('column "titel" does not exist')
    world.database.rows = refused
    assert 'sql/list-shelf.sql: column "titel" does not exist' in world.check(only("list-shelf", **SHELF)).text()

    broken = DatabaseError("The connection broke")
    world.database.rows = broken
    with pytest.raises(DatabaseError, match="The connection broke"):
        world.check(only("list-shelf", **SHELF))


def test_only_the_named_patterns_are_checked_and_an_unknown_one_is_an_error(world: World) -> None:
    assert {each.pattern for each in world.check(SMALL, patterns=["get-book"]).examples} == {"get-book"}
    with pytest.raises(UnknownNameError, match="Did you mean 'get-book'"):
        world.check(SMALL, patterns=["get-boock"])


def test_progress_is_told_example_by_example(world: World) -> None:
    seen: list[str] = []
    world.check(only("list-shelf", **SHELF), progress=lambda entry: seen.append(f"{entry.pattern}/{entry.example}"))

    assert seen == ["list-shelf/it"]


def test_a_run_over_budget_is_red(world: World) -> None:
    model = only("list-shelf", **SHELF, budget=replace(SMALL.pattern("list-shelf").budget, items_read=2))

    assert "items_read: 3, over the budget of 2" in world.check(model).text()


def test_the_report_is_the_same_every_time_and_its_repr_is_its_text(world: World) -> None:
    one, two = world.check(SMALL), world.check(SMALL)

    assert one.to_json() == two.to_json()
    assert repr(one) == one.text()
    assert one.text().splitlines()[0] == "small on a test engine"


def test_the_text_has_a_line_an_example_and_a_summary(world: World) -> None:
    report = world.check(only("list-shelf", **SHELF))

    assert report.text() == (
        "small on a test engine\n  ok       list-shelf / it  3 rows, 0.5 RCU (engine: 0.5), SQL agrees\n1 example ok"
    )


def test_junit_has_a_suite_a_pattern_and_a_failure_an_example_that_is_not_ok(world: World) -> None:
    world.database.rows = [{**SQL[0], "title": "bad \x00 <&> text"}, *SQL[1:]]
    root = fromstring(world.check(only("list-shelf", **SHELF)).to_junit().split("\n", 1)[1])

    suite = root.find("testsuite")
    assert suite is not None
    assert suite.attrib == {
        "name": "small.list-shelf", "tests": "1", "failures": "1", "errors": "0", "skipped": "0",
    }  # fmt: skip
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert "<&> text" in failure.attrib["message"]


def test_junit_counts_a_pattern_without_examples_as_a_failure(world: World) -> None:
    root = fromstring(world.check(only("list-shelf", examples={})).to_junit().split("\n", 1)[1])

    assert root.find("testsuite/testcase[@name='coverage']/failure") is not None


def result_of(world: World, model: Model, pattern: str, **arguments: Any) -> tuple[Any, Result]:
    from workbench.plans import build

    with world.session() as session:
        return session, world.run(session, build(model, pattern, arguments))


def test_a_result_is_verified_by_the_example_with_its_arguments(world: World) -> None:
    session, result = result_of(world, SMALL, "list-shelf", shelf="poetry")

    example = matching_example(result)
    assert example is not None
    assert example.name == "poetry"
    assert verify(session, result).examples[0].example == "poetry"


def test_a_result_with_other_arguments_is_verified_by_the_oracle_alone(world: World) -> None:
    session, result = result_of(world, SMALL, "list-shelf", shelf="travel")
    report = verify(session, result)

    assert report.ok
    assert [verdict.kind for verdict in report.verdicts if verdict.kind != "budget"] == ["oracle"]


def test_a_result_that_nothing_is_said_about_is_unproved(world: World) -> None:
    session, result = result_of(world, SMALL, "get-book", shelf="poetry", isbn="009")

    assert not verify(session, result).ok


def test_an_empty_result_without_an_example_says_how_to_expect_it(world: World) -> None:
    world.answers["list-shelf"], world.database.rows = [], []
    session, result = result_of(world, SMALL, "list-shelf", shelf="nowhere")

    assert "give these arguments an example that expects `rows: 0`" in verify(session, result).text()


def test_a_continued_page_is_not_held_against_sql_that_begins_at_the_beginning(world: World) -> None:
    session, result = result_of(world, SMALL, "list-shelf", shelf="poetry")
    continued = replace(result, plan=replace(result.plan, cursor="somewhere"))

    assert verify(session, continued).examples[0].oracle == "not comparable"
