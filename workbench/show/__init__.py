"""HTML, SVG, JSON and text of models, plans and results: the only place that knows Jupyter."""

from workbench.show.install import install

__all__ = ["install"]
