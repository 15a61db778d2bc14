"""A notebook as one HTML page that needs nothing else: no scripts or fonts from elsewhere, light or dark as the reader."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

__all__ = ["page_of"]


@lru_cache(1)
def _exporter() -> Any:
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    config = Config()
    for name in ("require_js_url", "mathjax_url", "mermaid_js_url", "jquery_url", "jupyter_widgets_base_url"):
        config.HTMLExporter[name] = ""
    return HTMLExporter(config=config)


def page_of(notebook: Any, title: str) -> str:
    """Return the page of an executed notebook."""
    page, _ = _exporter().from_notebook_node(notebook, resources={"metadata": {"name": title}})
    return str(page)
