"""Results and receipts: the answer as a table under its price, and the price by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.results.columns import UNRECOGNISED, key_columns
from workbench.results.receipts import units_text
from workbench.show.colours import hues
from workbench.show.description import Block, Cell, Description, Grid, Line, Tone, facts
from workbench.show.values import key, shown

if TYPE_CHECKING:
    from workbench.results import Receipt, Result

MOST_ROWS = 10
MOST_COLUMNS = 14


def describe_result(result: Result) -> Description:
    """Return a result: its summary, at most 10 rows, keys whole, and what a reader must not miss."""
    title, _, lead = result.summary.partition(": ")
    blocks: list[Block] = [_rows(result)] if result.items else []
    blocks += [Line(remark, _tone(remark)) for remark in result.remarks]
    return Description("result", f"{title}:", tuple(blocks), lead=lead)


def describe_receipt(receipt: Receipt) -> Description:
    """Return a receipt: computed units beside the engine's, and what they are of."""
    title, _, lead = repr(receipt).splitlines()[0].partition(": ")
    figures = facts(
        computed=units_text(receipt.computed) if receipt.computed is not None else "not known",
        engine=units_text(receipt.reported) if receipt.reported is not None else "not said",
    )
    blocks: list[Block] = [figures]
    if receipt.difference:
        blocks.append(Line(receipt.difference, "bad" if receipt.differs else "warning"))
    blocks += [Line(note, "warning") for note in receipt.notes]
    return Description("receipt", f"{title}:", tuple(blocks), lead=lead)


def result_data(result: Result) -> dict[str, Any]:
    """Return what a regression test compares as a structure: price and first rows, all of it as text and counts."""
    description = describe_result(result)
    grid = next((block for block in description.blocks if isinstance(block, Grid)), None)
    return {
        "pattern": result.plan.pattern.name,
        "items": len(result.items),
        "entities": _counts(result),
        "more": result.cursor is not None,
        "receipt": result.receipt.to_dict(),
        "columns": list(grid.columns) if grid else [],
        "rows": [[each.text for each in row] for row in grid.rows] if grid else [],
    }


def _rows(result: Result) -> Grid:
    frame = result.df
    keys = key_columns(result.plan)
    columns = [str(name) for name in frame.columns][:MOST_COLUMNS]
    values = [[_cell(name, value, keys) for value in frame[name].head(MOST_ROWS).tolist()] for name in columns]
    rows = [list(row) for row in zip(*values, strict=True)]
    entities = _entities(result)
    if len(set(entities)) > 1:
        colour = hues(entities)
        rows = [[Cell(name, "entity", colour[name]), *row] for name, row in zip(entities, rows, strict=False)]
        columns = ["entity", *columns]
    footer = _footer(len(frame), len(frame.columns))
    return Grid(tuple(columns), tuple(tuple(row) for row in rows), footer=footer, wrap=False)


def _cell(name: str, value: Any, keys: tuple[str, ...]) -> Cell:
    return key(value) if name in keys else shown(value)


def _footer(rows: int, columns: int) -> str:
    parts = [f"{rows - MOST_ROWS:,} more rows"] if rows > MOST_ROWS else []
    parts += [f"{columns - MOST_COLUMNS:,} more columns"] if columns > MOST_COLUMNS else []
    return f"… {' and '.join(parts)}: result.df has them all" if parts else ""


def _entities(result: Result) -> list[str]:
    return [each.entity.name if each.entity else UNRECOGNISED for each in result.recognised]


def _counts(result: Result) -> dict[str, int]:
    names = _entities(result)
    return {name: names.count(name) for name in sorted(set(names))}


def _tone(remark: str) -> Tone:
    if remark.startswith("INCOMPLETE") or "UNEXPLAINED" in remark:
        return "bad"
    return "muted" if remark.startswith("more to read") else "warning"
