"""Text, HTML and JSON of models, plans, results and reports: escaped, the same each time, saying the same."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from workbench import show
from workbench.checks import ExampleReport, Report, Verdict
from workbench.errors import UsageError
from workbench.frames import Columns, Decoder, json_of_wire
from workbench.items import Units, item_to_wire, query_units
from workbench.model import Model, load_model
from workbench.plans import Clock, Plan, build
from workbench.results import ItemChange, Reading, Receipt, Result, recognise
from workbench.seeding import SchemaReport, SeedReport
from workbench.seeding.schema import TableStep
from workbench.seeding.seed import EntityCount
from workbench.show.colours import HUES, hues

SNAPSHOTS = Path(__file__).parent / "snapshots"
YAML = """
model: garden
description: Beds of a garden, and what grows in them.
tables:
  plots:
    keys: {partition: pk, sort: sk}
    billing: {mode: provisioned, read: 5, write: 5}
    stream: NEW_IMAGE
    ttl: expires_at
    indexes:
      by-gardener: {keys: {partition: gardener, sort: {name: size, type: N}}, projection: [note]}
entities:
  Bed:
    description: One bed. Its gardener is whoever waters it.
    keys: {partition: "BED#{bed}", sort: "BED"}
    attributes: {size: {type: integer, description: square metres}, gardener: {type: string, required: false}}
  Plant:
    keys: {partition: "BED#{bed}", sort: "PLANT#{name}"}
    attributes: {note: string}
patterns:
  list-bed:
    question: What grows in a <bed>?
    operation: Query
    key: {partition: "BED#{bed}", sort: {begins_with: "PLANT#"}}
    filter: "note = {note}"
    limit: "{limit}"
    order: descending
    parameters:
      bed: {type: string, description: which bed}
      note: string
      limit: {type: integer, default: 20}
    rate: {average: 1/h, peak: 2/s}
    budget: {read_units: 1, pages: 1, items_read: 20}
    examples:
      roses: {arguments: {bed: roses, note: "<b>"}, expect: {rows: 2}}
  add-plant:
    question: How does a plant get into a bed?
    operation: PutItem
    put: {entity: Plant, condition: "attribute_not_exists(pk)"}
    parameters: {bed: string, name: string, note: string}
    examples:
      one: {arguments: {bed: a, name: b, note: c}, expect: {rows: 1}}
"""
EVIL = "<script>alert('x')</script> & \"q\" \u202e\x07"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path = tmp_path_factory.mktemp("garden") / "model.yaml"
    path.write_text(YAML, encoding="utf-8")
    return load_model(path)


def plan_of(model: Model, name: str = "list-bed") -> Plan:
    arguments = {"bed": "roses", "note": "<b>"} if name == "list-bed" else {"bed": "a", "name": "b", "note": "c"}
    return build(model, name, arguments, clock=Clock.fixed())


def result_of(model: Model, items: list[dict[str, Any]], **more: Any) -> Result:
    units = query_units([[100]])
    receipt = Receipt(
        "Query", pages=1, requests=1, items_read=120, items_returned=len(items), bytes_read=100, computed=units,
        reported=more.pop("reported", units), seconds=3.14159, **more.pop("receipt", {}),
    )  # fmt: skip
    recognised = tuple(recognise(model, "plots", item) for item in items)
    return Result(plan_of(model), items, receipt, known=recognised, **more)


def plants(count: int) -> list[dict[str, Any]]:
    return [{"pk": "BED#roses", "sk": f"PLANT#{at:03d}", "note": f"note {at}", "n": Decimal(at)} for at in range(count)]


def reading_of(items: list[dict[str, Any]], following: dict[str, Any] | None = None) -> Reading:
    typed = [{name: json_of_wire(av) for name, av in item_to_wire(item).items()} for item in items]
    page = Decoder().decode(json.dumps(typed).encode())
    return Reading(Columns([page], ("pk", "sk")), 2, query_units([[100], [100]]), following or {})


def report_of(*failures: str) -> Report:
    bad = [
        Verdict("expectation", "list-bed", "roses", False, failure, "rows", "why <it> is so") for failure in failures
    ]
    good = Verdict("oracle", "list-bed", "roses", True, "the same")
    units = Units(read=Decimal("0.5"), table=Decimal("0.5"))
    example = ExampleReport("list-bed", "roses", (good, *bad), rows=2, computed=units, reported=units, oracle="agrees")
    return Report("garden", "DynamoDB Local", (example,))


def everything(model: Model) -> dict[str, Any]:
    return {
        "model": model,
        "entity": model.entity("Bed"),
        "table": model.table("plots"),
        "pattern": model.pattern("list-bed"),
        "write-pattern": model.pattern("add-plant"),
        "plan": plan_of(model),
        "explanation": plan_of(model).explain(),
        "write-explanation": plan_of(model, "add-plant").explain(),
        "result": result_of(model, [{"pk": "BED#roses", "sk": "BED", "size": Decimal(4)}, *plants(14)], cursor="abc"),
        "reading": reading_of(plants(14), {"NextToken": "abc"}),
        "receipt": result_of(model, []).receipt,
        "report": report_of("2 rows, expected 3"),
        "seed": SeedReport((EntityCount("Bed", "plots", "sql/beds.sql", 3, 2, 1, 0),)),
        "schema": SchemaReport((TableStep("plots", "created"),)),
    }


ALLOWED = {
    "style", "div", "span", "strong", "b", "table", "thead", "tbody", "tr", "th", "td", "pre", "code", "details",
    "summary", "br",
}  # fmt: skip


class Checker(HTMLParser):
    """Refuses HTML with scripts, ids, handlers, outside resources, or tags that are not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        assert {name for name, _ in attrs} <= {"class", "scope", "dir", "title"}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "br":
            assert self.open.pop() == tag


def check_html(html: str) -> str:
    """Return what a reader sees of sound HTML."""
    checker = Checker()
    checker.feed(html)
    assert checker.open == []
    assert not re.search(r"url\(|@import|https?:|0x[0-9a-f]{6,}", html)
    return re.sub(r"<style>.*?</style>|<[^>]*>", "", html, flags=re.DOTALL)


def body(html: str) -> str:
    return (
        re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL).replace("<tr", "\n<tr").replace("<div", "\n<div")
        + "\n"
    )


NAMES = [
    "model", "entity", "table", "pattern", "write-pattern", "plan", "explanation", "write-explanation", "result",
    "reading", "receipt", "report", "seed", "schema",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shown_is_what_was_agreed_on(model: Model, name: str, request: pytest.FixtureRequest) -> None:
    thing = everything(model)[name]
    shown = f"{show.text(thing)}\n\n{body(show.html(thing))}"
    path = SNAPSHOTS / f"{name}.txt"
    if not path.exists():  # delete a snapshot to have it written anew, and look at the difference
        path.write_text(shown, encoding="utf-8")
        pytest.fail(f"wrote {path.name}; read it, then run again")

    assert shown == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_html_is_sound_and_needs_nothing_from_elsewhere(model: Model, name: str) -> None:
    html = show.html(everything(model)[name])

    check_html(html)
    assert len(html) < 20_000
    assert html.count('class="wb ') == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_same_object_is_shown_the_same_twice(model: Model, name: str) -> None:
    assert show.bundle(everything(model)[name]) == show.bundle(everything(model)[name])


def test_style_is_for_the_class_wb_alone() -> None:
    css = (Path(show.__file__).parent / "style.css").read_text(encoding="utf-8")
    plain = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL).replace("@media (prefers-color-scheme:dark){", "")
    selectors = [part for rule in re.findall(r"([^{}]+)\{", plain) for part in rule.split(",")]

    assert [selector for selector in selectors if not selector.strip().startswith(".wb")] == []


def test_data_is_escaped_wherever_it_stands(model: Model) -> None:
    items = [{"pk": f"BED#{EVIL}", "sk": "PLANT#a", "note": EVIL, EVIL: EVIL}]
    read, result = reading_of(items), result_of(model, items)
    for thing in (result, read, report_of(EVIL), plan_of(model), model.pattern("list-bed")):
        html = show.html(thing)

        check_html(html)
        assert "<script" not in html
        assert "\u202e" not in html
        assert "\x07" not in html
    for thing in (result, read):
        assert "&lt;script&gt;alert(&#x27;x&#x27;)" in show.html(thing)


def test_keys_are_whole_and_long_values_are_cut_at_40_characters(model: Model) -> None:
    long = "k" * 300
    seen = check_html(show.html(result_of(model, [{"pk": f"BED#{long}", "sk": "PLANT#a", "note": "v" * 300}])))

    assert long in seen
    assert "v" * 39 + "…" in seen
    assert "v" * 40 not in seen


def test_a_result_shows_ten_rows_and_says_where_the_rest_is(model: Model) -> None:
    html = show.html(result_of(model, plants(14)))
    seen = check_html(html)

    assert html.count("<tr") == 1 + 10
    assert "… 4 more rows: result.df has them all" in seen
    assert "PLANT#009" in seen
    assert "PLANT#010" not in seen


def test_a_reading_shows_ten_rows_keys_whole_its_price_and_where_the_rest_is() -> None:
    long = "k" * 300
    reading = reading_of([{**each, "pk": long} for each in plants(14)], {"NextToken": "abc"})
    html = show.html(reading)
    seen = check_html(html)

    assert " ".join(seen.split()).startswith("14 items, 2 pages, 1.0 RCU")
    assert html.count("<tr") == 1 + 10
    assert long in seen
    assert "… 4 more rows: read.df has them all" in seen
    assert reading.remarks == ["more to read: the argument .following goes on from here"]
    assert reading.remarks[0] in seen


def test_html_and_text_of_a_result_have_the_same_headline_and_remarks(model: Model) -> None:
    result = result_of(model, plants(3), cursor="abc", reported=query_units([[5000]]))
    seen = check_html(show.html(result)).replace("&#x27;", "'")

    assert " ".join(result.summary.split()) in " ".join(seen.split())
    assert "read 120, kept 3" in seen
    assert "DIFFERS" in seen
    for remark in result.remarks:
        assert remark in seen
        assert remark in repr(result)


def test_an_unexplained_difference_and_an_unfinished_answer_are_red(model: Model) -> None:
    html = show.html(result_of(model, plants(3), cursor="abc", incomplete=True, reported=query_units([[5000]])))

    assert html.count("wb-line wb-bad") == 2


def test_missing_null_numbers_binary_and_sets_are_told_apart(model: Model) -> None:
    items = [
        {"pk": "a", "sk": "1", "v": None, "n": Decimal("1.50"), "b": b"abc", "s": frozenset({"b", "a"}), "t": True},
        {"pk": "a", "sk": "2", "v": "NULL"},
    ]
    html = show.html(result_of(model, items))

    assert '<td class="wb-muted">NULL</td>' in html
    assert "<td>NULL</td>" in html
    assert '<td class="wb-number">1.5</td>' in html
    assert "YWJj (3 bytes)" in html
    assert "[&quot;a&quot;, &quot;b&quot;]" in html
    assert '<td class="wb-muted">-</td>' in html


def test_entities_are_named_where_an_answer_mixes_them_and_in_one_colour_everywhere(model: Model) -> None:
    mixed = show.html(result_of(model, [{"pk": "BED#a", "sk": "BED", "size": Decimal(1)}, *plants(1)]))
    chips = re.findall(r'<span class="wb-entity (wb-h\d)">(\w+)</span>', mixed)

    assert [name for _, name in chips] == ["Bed", "Plant"]
    assert set(chips) <= set(re.findall(r'<span class="wb-entity (wb-h\d)">(\w+)</span>', show.html(model)))
    assert "wb-entity" not in re.sub(r"<style>.*?</style>", "", show.html(result_of(model, plants(2))))


def test_seven_entities_have_seven_colours_and_grey_is_for_the_unknown() -> None:
    names = [f"Entity{number}" for number in range(7)]

    assert len({hues(names)[name] for name in names}) == 7
    assert hues([*names, "?"])["?"] == HUES - 1
    assert len(hues(f"E{number}" for number in range(40))) == 41
    assert hues(["b", "a"]) == hues(["a", "b"])


def test_json_of_a_result_holds_price_and_rows_but_no_time(model: Model) -> None:
    data = show.bundle(result_of(model, plants(14)))["application/vnd.workbench+json"]

    assert data["receipt"]["computed"] == {"read": "0.5", "write": "0.0", "table": "0.5", "indexes": {}}
    assert (data["items"], len(data["rows"]), data["entities"]) == (14, 10, {"Plant": 14})
    assert "3.14159" not in str(data)
    assert "seconds" not in str(data)


def test_json_of_a_description_says_what_the_text_says(model: Model) -> None:
    data = show.data(model.pattern("list-bed"))

    assert (data["kind"], data["title"], data["marks"]) == ("pattern", "list-bed", ["Query"])
    assert {"line": "What grows in a <bed>?"} in data["blocks"]


def test_changes_of_a_write_are_shown_and_those_of_a_read_are_refused(model: Model) -> None:
    key = {"pk": "BED#a", "sk": "PLANT#b"}
    put = ItemChange("put", "plots", key, None, {**key, "note": "c"})
    unknown = ItemChange("put", "plots", key, None, None, known=False)
    result = replace(result_of(model, []), plan=plan_of(model, "add-plant"), changes=(put,))

    assert repr(show.changes(result)).splitlines() == [
        "+ BED#a / PLANT#b  (Plant of plots)",
        "    note  c",
        "    table              1.0 WCU  21 bytes",
        "    index by-gardener  0.0 WCU  not in the index",
        "1 item, 1.0 WCU",
    ]
    with pytest.raises(UsageError, match="list-bed only reads"):
        show.changes(result_of(model, []))
    with pytest.raises(UsageError, match="does not tell items before and after"):
        show.changes(replace(result, changes=(unknown,)))


def test_what_is_not_the_workbenchs_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="a dict has no description; show a model, pattern, plan"):
        show.html({})


def test_ipython_shows_every_form_once_it_is_installed(model: Model) -> None:
    shell = InteractiveShell()
    formatter = shell.display_formatter
    before, _ = formatter.format(model.table("plots"))

    assert show.install(shell) is True
    assert show.install(shell) is True
    for thing in everything(model).values():
        shown, _ = formatter.format(thing)
        assert shown["text/html"] == show.html(thing)
        assert shown["text/plain"] == show.text(thing)
    assert "text/html" not in before
    assert "application/vnd.workbench+json" in formatter.format(result_of(model, plants(1)))[0]


def test_without_ipython_nothing_is_installed() -> None:
    assert show.install() is False
