"""Results and receipts: the answer as a table under its price, and the price by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.results.columns import UNRECOGNISED, key_columns
from workbench.results.receipts import units_text
from workbench.show.colours import hues
from workbench.show.description import Block, Cell, Description, Grid, Line, Tone, facts
from workbench.show.values import key, shown

if TYPE_CHECKING:
    import pandas as pd

    from workbench.results import Reading, Receipt, Result

MOST_ROWS = 10
MOST_COLUMNS = 14


def describe_result(result: Result) -> Description:
    """Return a result: its summary, at most 10 rows, keys whole, and what a reader must not miss."""
    title, _, lead = result.summary.partition(": ")
    blocks: list[Block] = [_rows(result)] if result.items else []
    blocks += [Line(remark, _tone(remark)) for remark in result.remarks]
    return Description("result", f"{title}:", tuple(blocks), lead=lead)


def describe_reading(reading: Reading) -> Description:
    """Return a reading as a result is shown: items, pages and price, at most 10 rows, what a reader must not miss."""
    title, _, lead = reading.summary.partition(", ")
    frame, keys = reading.head(MOST_ROWS), tuple(reading.columns.keys)
    columns, rows = _cells(frame, keys)
    grid = Grid(columns, rows, footer=_footer(len(reading), len(frame.columns), "read"), wrap=False)
    blocks: list[Block] = [grid] if rows else []
    blocks += [Line(remark, _tone(remark)) for remark in reading.remarks]
    return Description("result", f"{title},", tuple(blocks), lead=lead)


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
    columns, rows = _cells(frame, key_columns(result.plan))
    entities = _entities(result)
    if len(set(entities)) > 1:
        colour = hues(entities)
        chips = [Cell(name, "entity", colour[name]) for name in entities]
        rows = tuple((chip, *row) for chip, row in zip(chips, rows, strict=False))
        columns = ("entity", *columns)
    return Grid(columns, rows, footer=_footer(len(frame), len(frame.columns), "result"), wrap=False)


def _cells(frame: pd.DataFrame, keys: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    """Return the names of the first columns and the cells of the first rows."""
    columns = tuple(str(name) for name in frame.columns[:MOST_COLUMNS])
    values = [[_cell(name, value, keys) for value in frame[name].head(MOST_ROWS).tolist()] for name in columns]
    return columns, tuple(zip(*values, strict=True)) if values else ()


def _cell(name: str, value: Any, keys: tuple[str, ...]) -> Cell:
    return key(value) if name in keys else shown(value)


def _footer(rows: int, columns: int, of: str) -> str:
    parts = [f"{rows - MOST_ROWS:,} more rows"] if rows > MOST_ROWS else []
    parts += [f"{columns - MOST_COLUMNS:,} more columns"] if columns > MOST_COLUMNS else []
    return f"… {' and '.join(parts)}: {of}.df has them all" if parts else ""


def _entities(result: Result) -> list[str]:
    return [each.entity.name if each.entity else UNRECOGNISED for each in result.recognised]


def _counts(result: Result) -> dict[str, int]:
    names = _entities(result)
    return {name: names.count(name) for name in sorted(set(names))}


def _tone(remark: str) -> Tone:
    if remark.startswith("INCOMPLETE") or "UNEXPLAINED" in remark:
        return "bad"
    return "muted" if remark.startswith("more to read") else "warning"
