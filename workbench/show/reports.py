"""Reports: what a check found, what a seed wrote, what a schema load did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.show.colours import hues
from workbench.show.description import Block, Cell, Code, Description, Grid, Line, Tone

if TYPE_CHECKING:
    from workbench.checks import ExampleReport, Report
    from workbench.seeding import SchemaReport, SeedReport

_TONES: dict[str, Tone] = {"ok": "good", "failed": "bad", "unproved": "warning"}


def describe_report(report: Report) -> Description:
    """Return a check report: a row an example, then everything that is wrong, each under its name."""
    rows = tuple(_row(example) for example in report.examples)
    blocks: list[Block] = [Line(report.summary(), "good" if report.ok else "bad")]
    blocks += [Grid(("", "pattern", "example", "answer"), rows)] if rows else []
    for example in report.examples:
        blocks += (
            [Code("\n".join(example.failures), f"{example.pattern} / {example.example}")] if example.failures else []
        )
    blocks += [Line(f"{verdict.pattern}: {verdict}", "bad") for verdict in report.coverage if not verdict.ok]
    return Description("report", report.model, tuple(blocks), lead=f"on {report.engine}")


def describe_seed(report: SeedReport) -> Description:
    """Return what was seeded: a row an entity."""
    lead = f"{report.rows:,} rows, {report.written:,} written, {report.unchanged:,} unchanged"
    colour = hues(count.entity for count in report)
    rows = tuple(
        (
            Cell(count.entity, "entity", colour[count.entity]),
            *(Cell(f"{figure:,}", "number") for figure in (count.rows, count.written, count.unchanged)),
            *([Cell(f"{count.moved:,}", "number")] if any(each.moved for each in report) else []),
        )
        for count in report
    )
    moved = ("moved on, left",) if any(count.moved for count in report) else ()
    grid = (Grid(("entity", "rows", "written", "unchanged", *moved), rows),) if rows else (Line(repr(report)),)
    return Description("seed", "seed:", grid, lead=lead)


def describe_schema(report: SchemaReport) -> Description:
    """Return what was done about every table."""
    rows = tuple((Cell(step.table, "code"), Cell(step.done)) for step in report)
    return Description("schema", "schema", (Grid(("table", "done"), rows),) if rows else (Line(repr(report)),))


def describe_text(thing: Any) -> Description:
    """Return any object by its own text: the first line as title, the others as they are."""
    first, *rest = repr(thing).splitlines()
    title, colon, lead = first.partition(": ")
    body: tuple[Block, ...] = (Code("\n".join(line.removeprefix("  ") for line in rest)),) if rest else ()
    return Description("text", title + colon.rstrip(), body, lead=lead)


def _row(example: ExampleReport) -> tuple[Cell, ...]:
    return (
        Cell(example.status, _TONES[example.status]),
        Cell(example.pattern, "code"),
        Cell(example.example, "code"),
        Cell(example.summary()),
    )
