"""The names that a pattern's templates and expressions may use: its parameters and its lookups."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from workbench.model.loading.files import Files
from workbench.model.loading.lines import Path
from workbench.model.loading.pattern_document import LookupDoc, ParameterDoc, PatternDoc
from workbench.model.loading.problems import Problems
from workbench.model.loading.templates import check_names, names_in, read_template
from workbench.model.patterns import Lookup, Parameter
from workbench.model.types import ValueType, parse

_NAME = re.compile(r"[A-Za-z_]\w*")
_MADE: dict[str, tuple[str, ...]] = {
    "$now": ("timestamp", "date", "integer", "number", "string"),
    "$uuid": ("uuid", "string"),
}


@dataclass(frozen=True)
class Names:
    """What templates of one pattern may name. ``each`` is the lookup that an action goes through, if any."""

    parameters: dict[str, Parameter]
    lookups: dict[str, Lookup]
    each: str | None = None

    @property
    def types(self) -> dict[str, ValueType]:
        """The type of every parameter; columns of lookups have none that is known before they run."""
        return {name: parameter.type for name, parameter in self.parameters.items()}

    def check(self, used: tuple[str, ...] | list[str], path: Path, problems: Problems) -> None:
        """Add a problem for every used name that is no parameter and no column of a lookup."""
        single = {name: not lookup.many or name == self.each for name, lookup in self.lookups.items()}
        check_names(used, self.parameters, single, path, problems)

    def check_expression(self, expression: str | None, path: Path, problems: Problems) -> None:
        """Add a problem for every name in the braces of an expression that nothing has."""
        self.check(names_in(expression or ""), path, problems)


def read_parameters(doc: PatternDoc, path: Path, problems: Problems) -> dict[str, Parameter]:
    """Return the parameters in the order of the file, their defaults canonical."""
    found: dict[str, Parameter] = {}
    for name, form in doc.parameters.items():
        here = (*path, "parameters", name)
        if not _NAME.fullmatch(name):
            problems.add(here, f"{name!r} cannot be named in a template; use letters, digits and _", at_key=True)
        whole = ParameterDoc(type=form) if isinstance(form, str) else form
        required = whole.default is None if whole.required is None else whole.required
        if whole.required and whole.default is not None:
            problems.add(here, "has a default, so it is not required; take one of the two out")
        default = _default(whole, (*here, "default"), problems)
        found[name] = Parameter(name, whole.type, required, default, whole.description)
    return found


def _default(doc: ParameterDoc, path: Path, problems: Problems) -> Any:
    if doc.default is None:
        return None
    if isinstance(doc.default, str) and doc.default in _MADE:
        if doc.type not in _MADE[doc.default]:
            problems.add(path, f"{doc.default} makes a {_MADE[doc.default][0]}, and the parameter is a {doc.type}")
        return doc.default
    try:
        return parse(doc.type, doc.default)
    except ValueError as error:
        problems.add(path, str(error))
        return None


def read_lookups(
    doc: PatternDoc, parameters: dict[str, Parameter], files: Files, path: Path, problems: Problems
) -> dict[str, Lookup]:
    """Return the lookups in the order of the file, with their SQL."""
    found: dict[str, Lookup] = {}
    for name, form in doc.lookups.items():
        here = (*path, "lookups", name)
        if not _NAME.fullmatch(name):
            problems.add(here, f"{name!r} cannot be named in a template; use letters, digits and _", at_key=True)
        whole = LookupDoc(sql=form) if isinstance(form, str) else form
        at = here if isinstance(form, str) else (*here, "sql")
        source = files.sql(whole.sql, at)
        files.check_names(source, list(parameters), at)
        if whole.missing and read_template(whole.missing, (*here, "missing"), problems) is not None:
            check_names(names_in(whole.missing), parameters, {}, (*here, "missing"), problems)
        found[name] = Lookup(name, source, whole.rows == "many", whole.missing)
    return found
