"""The JSON Schema of model files, for editors. ``python -m workbench.model.loading.schema`` writes it anew.

An editor with the YAML language server uses it when a model file begins with
``# yaml-language-server: $schema=PATH/model.schema.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from workbench.model.loading.document import ModelDoc

SCHEMA_FILE = Path(__file__).resolve().parents[1] / "model.schema.json"


def model_schema() -> dict[str, Any]:
    """Return the JSON Schema (Draft 2020-12) that the grammar generates; keys in a stable order."""
    generated = ModelDoc.model_json_schema(by_alias=True, mode="validation")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Model file of the DynamoDB workbench"}
    return {**head, **{key: value for key, value in generated.items() if key not in head}}


def schema_text() -> str:
    """Return the schema as the text that is kept in the repository."""
    return json.dumps(model_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
