"""A notebook as one HTML page that needs nothing else: no scripts from elsewhere, light or dark as its reader is."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

__all__ = ["page_of"]

# nbconvert's template loads RequireJS, MathJax and Mermaid from the network; a report must show without it.
TEMPLATES = {
    "mathjax.html.j2": "{% macro mathjax() %}{% endmacro %}",
    "mermaidjs.html.j2": "{% macro mermaid_js() %}{% endmacro %}",
    "jupyter_widgets.html.j2": "{% macro jupyter_widgets() %}{% endmacro %}",
    "page.html.j2": """{% extends 'index.html.j2' %}
{% block html_head_js %}{% endblock %}
{% block notebook_css %}{{ super() }}
{{ resources.include_css("static/theme-dark.css")
   | replace('<style type="text/css">', '<style media="(prefers-color-scheme: dark)">') }}
<style>:root{color-scheme:light dark}body{max-width:1100px;margin:0 auto!important}</style>{% endblock %}""",
}


@lru_cache(1)
def _exporter() -> Any:
    from jinja2 import DictLoader
    from nbconvert import HTMLExporter

    return HTMLExporter(  # type: ignore[no-untyped-call]
        extra_loaders=[DictLoader(TEMPLATES)], template_file="page.html.j2"
    )


def page_of(notebook: Any, title: str) -> str:
    """Return the page of an executed notebook."""
    page, _ = _exporter().from_notebook_node(notebook, resources={"metadata": {"name": title}})
    return str(page)
