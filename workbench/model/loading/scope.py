"""What the other parts of a model may name: its tables, its entities, and those that are broken already."""

from __future__ import annotations

from dataclasses import dataclass, field

from workbench.model.entities import Entity
from workbench.model.loading.lines import Path
from workbench.model.loading.problems import Problems
from workbench.model.tables import Table


@dataclass
class Scope:
    """Names that can be referred to. A broken name was reported already and is passed over in silence."""

    tables: dict[str, Table]
    broken: frozenset[Path]
    entities: dict[str, Entity] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()

    def table(self, name: str | None, path: Path, problems: Problems) -> Table | None:
        """Return the table of that name, or the main or only one; None after adding the problem."""
        main = next((table for table in self.tables.values() if table.main), None)
        if name is None and main is not None:
            return main
        if name is None:
            if len(self.tables) == 1 and not any(each[0] == "tables" for each in self.broken):
                return next(iter(self.tables.values()))
            if not any(each[0] == "tables" for each in self.broken):
                problems.add(path, f"say which table: {', '.join(self.tables)}; or give one `main: true`", at_key=True)
            return None
        if name not in self.tables and ("tables", name) not in self.broken:
            problems.unknown((*path, "table"), "table", name, self.tables)
        return self.tables.get(name)

    def entity(self, name: str, path: Path, problems: Problems) -> Entity | None:
        """Return the entity of that name; None after adding the problem."""
        if name not in self.entities and name not in self.unread and ("entities", name) not in self.broken:
            problems.unknown((*path, "entity"), "entity", name, self.entities)
        return self.entities.get(name)
