"""Pages of a run: one HTML file a notebook, one for the run, one for all runs. Each stands by itself, light or dark.

No script, font or picture comes from elsewhere, and a Content-Security-Policy in each page holds it to that: what a
cell printed may be shown as HTML and can still do nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from workbench.notebooks.records import RunReport
from workbench.notebooks.redaction import redact

__all__ = ["history_page", "page_of", "report_page"]

HERE = Path(__file__).parent


def page_of(notebook: str, title: str) -> str:
    """Return the page of an executed notebook, given as the text of its file."""
    import nbformat

    body, _ = _exporter().from_notebook_node(nbformat.reads(notebook, as_version=4))  # type: ignore[no-untyped-call]
    return _render("notebook.html", title=title, body=body, colours=_colours())


def report_page(report: RunReport) -> str:
    """Return the page of a run: what passed and failed, how long it took, links to each notebook's page and file."""
    return _render("run.html", report=report)


def history_page(records: Sequence[Mapping[str, Any]]) -> str:
    """Return the page of all runs, newest first; ``records`` are those of the history, oldest first."""
    return _render("history.html", runs=list(records)[::-1])


def _render(template: str, **values: Any) -> str:
    css = (HERE / "pages.css").read_text(encoding="utf-8")
    return redact(str(_environment().get_template(template).render(css=css, **values)))


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


@cache
def _exporter() -> Any:
    from nbconvert.exporters.html import HTMLExporter

    # The basic template is the notebook alone, without a page around it and without what that loads from the network.
    return HTMLExporter(template_name="basic", embed_images=True, exclude_anchor_links=True)  # type: ignore[no-untyped-call]


@cache
def _colours() -> str:
    """Return the colours of code, those for a dark page in a media query."""
    from pygments.formatters import HtmlFormatter

    light, dark = (
        HtmlFormatter(style=style, nobackground=True).get_style_defs(".highlight")
        for style in ("default", "github-dark")
    )
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"
