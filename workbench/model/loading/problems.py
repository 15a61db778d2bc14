"""The list of mistakes that grows while a model file is read, each with its line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from workbench.errors import Problem, did_you_mean
from workbench.model.loading.lines import Branch, Path, dotted, position


@dataclass
class Problems:
    """Collects mistakes; ``in_order()`` gives them in the order of the file, each once."""

    tree: Branch
    file: str
    found: list[Problem] = field(default_factory=list)

    def add(self, path: Path, message: str, *, at_key: bool = False) -> None:
        """Note a mistake at the value of ``path``, or at its key."""
        mark = position(self.tree, path, of_key=at_key)
        self.found.append(Problem(message, dotted(path), mark.line, mark.column, self.file))

    def unknown(self, path: Path, kind: str, name: str, known: Iterable[str], *, at_key: bool = False) -> None:
        """Note a name that nothing has, with the nearest one that something has."""
        self.add(path, f"there is no {kind} {name!r}. {did_you_mean(name, list(known))}", at_key=at_key)

    def in_order(self) -> list[Problem]:
        """Return every mistake once, by line and column."""
        return sorted(dict.fromkeys(self.found), key=lambda problem: (problem.line or 0, problem.column or 0))
