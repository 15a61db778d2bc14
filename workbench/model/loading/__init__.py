"""Reads a model file: strict YAML, the grammar, then every cross reference. All mistakes are reported at once.

``lines`` composes YAML and keeps positions; ``document`` is the grammar and ``grammar`` holds a tree against it;
``tables``, ``entities``, ``names``, ``conditions``, ``actions``, ``patterns`` and ``examples`` make the frozen model.
"""

from workbench.model.loading.loader import load_model
from workbench.model.loading.paths import model_file, model_names

__all__ = ["load_model", "model_file", "model_names"]
