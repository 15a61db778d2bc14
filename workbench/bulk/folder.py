"""The folder of an export: its parts, the journal of what is done for good, and ``_SUCCESS`` when all is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from workbench.bulk.journal import Journal
from workbench.bulk.parts import TEMPORARY, rows_of
from workbench.errors import JournalError, UsageError
from workbench.frames import shapes_from_json, shapes_to_json
from workbench.frames.shapes import Shapes
from workbench.frames.stored import JOURNAL, SUCCESS
from workbench.items import amount_text

__all__ = ["SUCCESS", "Folder", "Part", "Reached"]

_OURS = re.compile(
    rf"{JOURNAL}(\.lock)?|\.{JOURNAL}\..*\.part|{SUCCESS}|part-\d+-\d+\.parquet|\..+{re.escape(TEMPORARY)}"
)
KIND = "export"


@dataclass(frozen=True)
class Part:
    """A stretch of one segment that is on the disk; without a file where it had no items."""

    segment: int
    number: int
    file: str | None
    items: int
    scanned: int
    pages: int
    units: Decimal
    after: Mapping[str, Any] | None
    shapes: Shapes
    bytes: int = 0
    sha256: str = ""

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Part:
        """Return the part that a journal's entry tells of."""
        data = {**entry, "units": Decimal(entry["units"]), "shapes": shapes_from_json(entry["shapes"])}
        return cls(**data)

    def entry(self) -> dict[str, Any]:
        """Return the journal's entry for the part."""
        data = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**data, "units": amount_text(self.units), "shapes": shapes_to_json(self.shapes)}


@dataclass(frozen=True)
class Reached:
    """Where a segment goes on: behind a key, with a part of that number; ``ended`` where nothing is left of it."""

    number: int = 0
    after: Mapping[str, Any] | None = None
    ended: bool = False


@dataclass
class Folder:
    """An export's folder, held by this process alone until it is closed."""

    path: Path
    journal: Journal
    parts: list[Part] = field(default_factory=list)
    fitted: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, of: Mapping[str, Any]) -> Folder:
        """Return the folder, made where it is not there, with what earlier runs did.

        UsageError where something else is in it; JournalError where it is of another export, is in use, or where a
        file is missing or is not the one that was written.
        """
        _only_ours(path)
        path.mkdir(parents=True, exist_ok=True)
        try:
            journal = Journal.open(path / JOURNAL, kind=KIND, of=of)
        except JournalError as error:
            raise JournalError(f"{path.name}: {error} (an export goes on with the arguments it began with)") from None
        folder = cls(path, journal)
        try:
            for entry in journal.entries:
                folder._take(entry)
            folder._tidy()
        except BaseException:
            journal.close()
            raise
        return folder

    @property
    def done(self) -> dict[str, Any] | None:
        """What ``_SUCCESS`` says, None before the export is finished."""
        path = self.path / SUCCESS
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def reached(self, segment: int) -> Reached:
        """Return where a segment goes on."""
        mine = [part for part in self.parts if part.segment == segment]
        if not mine:
            return Reached()
        return Reached(len(mine), mine[-1].after, mine[-1].after is None)

    def add(self, part: Part) -> None:
        """Tell the journal of a part that is on the disk."""
        self.journal.append(part.entry())
        self.parts.append(part)

    def add_fitted(self, name: str, facts: Mapping[str, Any]) -> None:
        """Tell the journal of a file that has the schema of all now."""
        entry = {"fitted": name, **facts}
        self.journal.append(entry)
        self.fitted[name] = entry

    def ordered(self) -> list[Part]:
        """Return the parts by segment, and in each by number."""
        return sorted(self.parts, key=lambda part: (part.segment, part.number))

    def close(self) -> None:
        """Give the folder back."""
        self.journal.close()

    def _take(self, entry: dict[str, Any]) -> None:
        if "fitted" in entry:
            self.fitted[entry["fitted"]] = entry
        else:
            self.parts.append(Part.of(entry))

    def _tidy(self) -> None:
        """Take away what a killed run had not told the journal of, and see that what it told of is there."""
        known = {part.file: part.items for part in self.parts if part.file}
        for each in self.path.iterdir():
            left = each.name.endswith(TEMPORARY) or each.name.startswith(f".{JOURNAL}.")
            if left or (each.suffix == ".parquet" and each.name not in known and each.name not in self.fitted):
                each.unlink()
        for name, items in known.items():
            if (rows := rows_of(self.path / name)) != items:
                what = "is missing or broken" if rows is None else f"has {rows:,} rows instead of {items:,}"
                raise JournalError(f"{self.path.name}/{name} {what}; begin anew in an empty folder")


def _only_ours(path: Path) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise UsageError(f"{path.name} is a file; an export needs a folder of its own")
    names = sorted(each.name for each in path.iterdir())
    others = [name for name in names if not _OURS.fullmatch(name)]
    if not others and JOURNAL not in names:
        others = [name for name in names if name == SUCCESS or name.endswith(".parquet")]
    if others:
        raise UsageError(
            f"the folder {path.name} holds {others[0]!r}, which is no part of an export that can go on; "
            f"give a new or an empty folder"
        )
