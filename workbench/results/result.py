"""The result: what came back from running a plan, as items, rows, frames and files, with its receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import frames
from workbench.errors import UsageError
from workbench.frames import Columns, to_arrow, to_duckdb, to_polars
from workbench.results.columns import UNRECOGNISED, EntityFrames, answer_frame, entity_frame, key_columns
from workbench.results.effects import Effect, effect_of
from workbench.results.entities import Recognised, ordered, recognise
from workbench.results.receipts import Receipt, counted

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from workbench.plans import Plan

__all__ = ["ItemChange", "Result"]

_ROWS_SHOWN = 10


@dataclass(frozen=True)
class ItemChange:
    """What a write did to one item: its key, and the item before and after, None where it was not, or is not, there.

    ``known`` is False where the engine does not tell both.
    """

    kind: str
    table: str
    key: dict[str, Any]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    known: bool = True


@dataclass(frozen=True, repr=False)
class Result:
    """What running a plan gave.

    ``items`` are in Python form and in the order of the answer; after a write they are the items touched, as they are
    now, without those that are gone. They are made of ``source`` when they are asked for, as are the frames: columns
    of a Query or Scan, else a list of items. ``cursor`` is handed back for the next page, None at the end.
    ``incomplete`` says that several pages were asked for and that the bound of pages ended the reading before the
    last. ``changes`` are what a write did, item by item.
    """

    plan: Plan
    source: Columns | list[dict[str, Any]]
    receipt: Receipt
    cursor: str | None = None
    incomplete: bool = False
    changes: tuple[ItemChange, ...] = ()
    known: tuple[Recognised, ...] | None = field(default=None, repr=False)
    verifier: Callable[[Result], Any] | None = field(default=None, compare=False, repr=False)

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """The items in Python form, in the order of the answer: numbers Decimal, sets frozensets, NULL None."""
        if isinstance(self.source, list):
            return self.source
        keys = key_columns(self.plan)
        pairs = zip(self._read, self.recognised, strict=True)
        return [ordered(item, keys, each.entity) for item, each in pairs]

    @cached_property
    def recognised(self) -> tuple[Recognised, ...]:
        """Which entity each item is, and the fields of its key."""
        if self.known is not None:
            return self.known
        model, table = self.plan.model, self.plan.pattern.table
        return tuple(recognise(model, table, item) for item in self._read)

    @cached_property
    def _read(self) -> list[dict[str, Any]]:
        """The items as they came, their attributes in any order."""
        return self.source if isinstance(self.source, list) else self.source.items

    @property
    def df(self) -> pd.DataFrame:
        """The items as a DataFrame, a new one each time, with exact values (``frames.from_items``).

        Keys come first, the index's before the table's; of a projection, only what it names.
        """
        return self._frame.copy(deep=False)  # pandas copies on write

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """One dict an item: ``entity`` (a name or None), keys, the typed fields of its key templates, attributes.

        Where a field and an attribute have one name, the stored attribute stands.
        """
        return [
            {"entity": each.entity.name if each.entity else None} | {k: v for k, v in row.items() if k != "entity"}
            for row, each in zip(self._parsed, self.recognised, strict=True)
        ]

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """What a write did to each item, to its entry in every index, and what each arm cost, in the order of doing.

        Empty for a read. UsageError where the engine did not tell the items before and after.
        """
        unknown = [change for change in self.changes if not change.known]
        if unknown:
            name = self.plan.pattern.name
            raise UsageError(f"{name}: this engine does not tell items before and after; use a local one")
        model, whole = self.plan.model, self.plan.pattern.operation == "TransactWriteItems"
        found = []
        for each in self.changes:
            entity = recognise(model, each.table, each.after or each.before or each.key).entity
            found.append(
                effect_of(
                    model, kind=each.kind, table=each.table, entity=entity.name if entity else None, key=each.key,
                    before=each.before, after=each.after, transactional=whole,
                )
            )  # fmt: skip
        return tuple(found)

    def by_entity(self) -> EntityFrames:
        """Return one DataFrame an entity that occurs, in the order of the model, last under ``?`` what is none.

        Columns are the keys, the typed fields of the key templates, every declared attribute, then others. Asking for
        an entity of the model that did not come back gives an empty frame with its columns.
        """
        model, keys = self.plan.model, key_columns(self.plan)
        groups: dict[str, list[dict[str, Any]]] = {}
        for row, each in zip(self._parsed, self.recognised, strict=True):
            groups.setdefault(each.entity.name if each.entity else UNRECOGNISED, []).append(row)
        names = [name for name in (*model.entities, UNRECOGNISED) if name in groups]
        made = ((name, entity_frame(model, model.entities.get(name), groups[name], keys)) for name in names)
        return EntityFrames(made, model, keys)

    @cached_property
    def _frame(self) -> pd.DataFrame:
        if isinstance(self.source, list):
            return answer_frame(self.plan, self.source)
        return self.source.frame()

    @cached_property
    def arrow(self) -> pa.Table:
        """The items as an Arrow table that loses nothing: see ``frames.arrow`` for the form of each column."""
        return to_arrow(self._frame) if isinstance(self.source, list) else self.source.arrow

    def polars(self) -> Any:
        """Return the items as a polars DataFrame; UsageError where polars is not installed (the extra ``polars``)."""
        return to_polars(self.arrow)

    def duckdb(self) -> Any:
        """Return the items as a DuckDB relation; UsageError where DuckDB is not installed (the extra ``duckdb``)."""
        return to_duckdb(self.arrow)

    @cached_property
    def _parsed(self) -> list[dict[str, Any]]:
        keys = key_columns(self.plan)
        return [
            {name: item[name] for name in keys if name in item} | each.fields | item
            for item, each in zip(self.items, self.recognised, strict=True)
        ]

    def to_json(self, *, typed: bool = False) -> str:
        """Return pattern, arguments, cursor, incomplete, receipt and items as JSON text, the same for the same answer.

        Numbers keep every digit; ``typed`` writes the items as DynamoDB JSON (``{"N": "1"}``).
        """
        head = {
            "pattern": self.plan.pattern.name,
            "arguments": self.plan.arguments,
            "cursor": self.cursor,
            "incomplete": self.incomplete,
            "receipt": self.receipt.to_dict(),
        }
        lines = [f"  {frames.json_text(name)}: {frames.json_text(value)}" for name, value in head.items()]
        items = frames.to_json(self.items, typed=typed).rstrip("\n").replace("\n", "\n  ")
        return "{\n" + ",\n".join([*lines, f'  "items": {items}']) + "\n}\n"

    def to_csv(self, *, formulas: bool = False) -> str:
        """Return the items as CSV text; text that a spreadsheet would run is defused unless ``formulas``."""
        return frames.to_csv(self.df, formulas=formulas)

    def to_markdown(self) -> str:
        """Return the items as a Markdown table."""
        return frames.to_markdown(self.df)

    def to_parquet(self, path: str | Path) -> Path:
        """Write the items as a Parquet file and return its path; ``frames.to_items(path)`` gives them back exactly."""
        return frames.to_parquet(self.arrow, path)

    def verify(self) -> Any:
        """Return the report on this result: the example with its arguments, if there is one, oracle and budget.

        Raises CheckError with a readable difference, and where nothing stands behind the answer; UsageError where the
        result does not come from a bench.
        """
        if self.verifier is None:
            name = self.plan.pattern.name
            raise UsageError(f"{name}: this result knows no checks; get it from bench.pattern({name!r}).run(...)")
        return self.verifier(self)

    def __len__(self) -> int:
        return len(self.source)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.items)

    @property
    def summary(self) -> str:
        """One line: ``list-conversations: 3 items, 1 page, 3 read, 0.5 RCU (engine: 0.5)``."""
        receipt = self.receipt
        parts = [counted(len(self), "item"), receipt.reach, self._done(), receipt.price]
        return f"{self.plan.pattern.name}: {', '.join(parts)}"

    def _done(self) -> str:
        if self.receipt.writes:
            return f"{self.receipt.items_written} written"
        if self.receipt.items_read > len(self):
            return f"read {self.receipt.items_read}, kept {len(self)}"
        return f"{self.receipt.items_read} read"

    @property
    def remarks(self) -> list[str]:
        """What a reader must not miss: an incomplete answer or a next page, a difference of price, notes."""
        found = [] if isinstance(self.source, list) else self.source.remarks
        if self.incomplete:
            how = (
                "raise max_pages, or hand result.cursor back to go on"
                if self.cursor
                else ("raise max_pages; segments have no common cursor to go on from")
            )
            found.append(f"INCOMPLETE: stopped at the bound of {self.receipt.reach}; {how}")
        elif self.cursor is not None:
            found.append("more to read: hand result.cursor back for the next page")
        difference = self.receipt.difference
        return [*found, *([difference] if difference else []), *self.receipt.notes]

    def __repr__(self) -> str:
        table = [frames.to_text(self.df, rows=_ROWS_SHOWN, whole=key_columns(self.plan))] if len(self) else []
        return "\n".join([self.summary, *table, *(f"note: {remark}" for remark in self.remarks)])
