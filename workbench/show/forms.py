"""Every form of every object: text, HTML and, for results, JSON, all from one description."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from workbench.errors import UsageError
from workbench.show import lines, markup
from workbench.show.description import Description
from workbench.show.pictures import RESULT_TYPE

# Class, by module and name so that nothing is imported before it is shown -> who describes it, and what of it.
_DESCRIBED: dict[tuple[str, str], tuple[str, str, str]] = {
    ("workbench.model.model", "Model"): ("models", "describe_model", ""),
    ("workbench.model.entities", "Entity"): ("models", "describe_entity", ""),
    ("workbench.model.tables", "Table"): ("models", "describe_table", ""),
    ("workbench.model.patterns", "Pattern"): ("models", "describe_pattern", ""),
    ("workbench.bench.bench", "Bench"): ("reports", "describe_text", ""),
    ("workbench.bench.patterns", "BoundPattern"): ("models", "describe_pattern", "pattern"),
    ("workbench.bench.tables", "BoundTable"): ("models", "describe_table", "table"),
    ("workbench.plans.plan", "Plan"): ("plans", "describe_plan", ""),
    ("workbench.plans.explanation", "Explanation"): ("plans", "describe_explanation", ""),
    ("workbench.results.result", "Result"): ("results", "describe_result", ""),
    ("workbench.results.reading", "Reading"): ("results", "describe_reading", ""),
    ("workbench.results.receipts", "Receipt"): ("results", "describe_receipt", ""),
    ("workbench.checks.report", "Report"): ("reports", "describe_report", ""),
    ("workbench.seeding.schema", "SchemaReport"): ("reports", "describe_schema", ""),
    ("workbench.seeding.seed", "SeedReport"): ("reports", "describe_seed", ""),
}
_VIEW = ("workbench.bench.views", "View")
# These have no text of their own that a person would want to read.
_TEXT_FROM_DESCRIPTION = frozenset({"Model", "Entity", "Table", "Pattern", "BoundPattern", "BoundTable"})
KNOWN: tuple[tuple[str, str], ...] = (*_DESCRIBED, _VIEW)


def describe(thing: Any) -> Description:
    """Return the description of a model, table, pattern, plan, explanation, result, receipt or report."""
    found = _DESCRIBED.get(_name(thing))
    if found is None:
        raise UsageError(f"a {type(thing).__name__} has no description; show a model, pattern, plan, result or report")
    module, function, part = found
    describer: Callable[[Any], Description] = getattr(import_module(f"workbench.show.{module}"), function)
    return describer(getattr(thing, part) if part else thing)


def html(thing: Any) -> str:
    """Return an object's HTML: self-contained, escaped, in the colours of the notebook."""
    if _name(thing) == _VIEW:
        from workbench.show.collections import view_html

        return view_html(thing)
    return markup.described(describe(thing))


def text(thing: Any) -> str:
    """Return an object's text: its own repr, or for models, tables and patterns the description's."""
    return lines.described(describe(thing)) if type(thing).__name__ in _TEXT_FROM_DESCRIPTION else repr(thing)


def data(thing: Any) -> dict[str, Any]:
    """Return an object as JSON values."""
    if _name(thing) == ("workbench.results.result", "Result"):
        from workbench.show.results import result_data

        return result_data(thing)
    return describe(thing).data()


def bundle(thing: Any, **_: Any) -> dict[str, Any]:
    """Return every form by mime type, as IPython asks for it; a result's JSON is there for regression tests."""
    forms: dict[str, Any] = {"text/plain": text(thing), "text/html": html(thing)}
    if type(thing).__name__ == "Result":
        forms[RESULT_TYPE] = data(thing)
    return forms


def _name(thing: Any) -> tuple[str, str]:
    return type(thing).__module__, type(thing).__name__
