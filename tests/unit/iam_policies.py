"""The models that the policies of these tests are of."""

from __future__ import annotations

from pathlib import Path

from workbench.model import load_model

SMALL = load_model(Path(__file__).parents[1] / "models" / "small" / "model.yaml")
MESSAGING = load_model("messaging")
