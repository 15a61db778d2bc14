"""Reads the SQL beside a model file, and says which parameters it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path as FilePath

from workbench.errors import did_you_mean
from workbench.model.entities import Source
from workbench.model.loading.lines import Path
from workbench.model.loading.problems import Problems

_PLACEHOLDER = re.compile(r"%%|%\((\w+)\)[sbt]|%")


@dataclass
class Files:
    """The files beside a model file; nothing outside that folder is read."""

    folder: FilePath
    problems: Problems

    def sql(self, written: str, path: Path) -> Source:
        """Return the SQL file; a missing or unreadable one is a problem and gives empty SQL."""
        found = self.find(written, path)
        if found is None:
            return Source(written, "")
        try:
            return Source(written, found.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            self.problems.add(path, f"{written} cannot be read as UTF-8 text: {error}")
            return Source(written, "")

    def find(self, written: str, path: Path) -> FilePath | None:
        """Return the path of an existing file, or None after adding the problem."""
        try:
            target = (self.folder / written).resolve(strict=False)
            there = target.is_file()
        except (OSError, ValueError):  # a name that no file system takes: too long, or with a null in it
            self.problems.add(path, f"{written[:80]!r} is no file name")
            return None
        if not target.is_relative_to(self.folder.resolve()):
            self.problems.add(path, f"{written} is outside the model's folder; put the file beside the model file")
            return None
        if not there:
            known = sorted(
                file.relative_to(self.folder).as_posix() for file in self.folder.glob(f"**/*{target.suffix}")
            )
            self.problems.add(path, f"there is no file {written} in the model's folder. {did_you_mean(written, known)}")
            return None
        return target

    def check_names(self, source: Source, known: list[str], path: Path) -> None:
        """Add a problem for every ``%(name)s`` of the SQL that is not a known parameter, and for a lone ``%``."""
        for line, text in enumerate(source.sql.splitlines(), start=1):
            for match in _PLACEHOLDER.finditer(text):
                if match[0] == "%":
                    self.problems.add(path, f"{source.path}:{line}: a lone '%'; write '%%' for the character itself")
                elif match[1] is not None and match[1] not in known:
                    self.problems.add(
                        path,
                        f"{source.path}:{line}: there is no parameter {match[1]!r}. {did_you_mean(match[1], known)}",
                    )
