"""HTML, SVG, JSON and text of models, plans and results: the only place that knows Jupyter."""

from __future__ import annotations

from workbench.show.charts import chart
from workbench.show.differences import before_after
from workbench.show.effects import changes
from workbench.show.forms import bundle, data, describe, html, text
from workbench.show.install import install
from workbench.show.people import conversation, inbox
from workbench.show.pictures import Picture

__all__ = [
    "Picture", "before_after", "bundle",
    "changes", "chart", "conversation", "data", "describe", "html", "inbox", "install",
    "text",
]  # fmt: skip
