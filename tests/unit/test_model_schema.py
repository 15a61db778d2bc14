"""The JSON Schema of model files: generated, in step with the grammar, and as strict as it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from workbench.model import model_file, model_names
from workbench.model.loading.lines import read
from workbench.model.loading.schema import SCHEMA_FILE, model_schema, schema_text

SMALL = Path(__file__).parents[1] / "models" / "small" / "model.yaml"
TEXT = SMALL.read_text()


def plain(value: Any) -> Any:
    """The values of a model file as JSON has them, so that a validator of JSON can read them."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return float(value) if type(value).__name__ == "Decimal" else value


def mistakes(text: str) -> list[str]:
    validator = Draft202012Validator(json.loads(SCHEMA_FILE.read_text()))
    return [error.message for error in validator.iter_errors(plain(read(text, "model.yaml")))]


def test_the_schema_in_the_repository_is_what_the_grammar_generates() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "python -m workbench.model.loading.schema"


def test_the_schema_is_a_schema_of_draft_2020_12() -> None:
    Draft202012Validator.check_schema(model_schema())

    assert model_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_schema_accepts_every_model_that_comes_with_the_workbench() -> None:
    texts = [TEXT, *(model_file(name).read_text() for name in model_names())]

    assert [mistakes(text) for text in texts] == [[]] * len(texts)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("operation: GetItem", "operation: GetItm"),
        ("question: What do", "qestion: What do"),
        ("stream: NEW_IMAGE", "stream: NEW"),
        ('limit: "{limit}"', "limit: 0"),
        ('limit: "{limit}"', "limit: all"),
        ("keys: {partition: pk, sort: sk}", "keys: {sort: sk}"),
        ('{begins_with: "BOOK#"}', "{begins_with: [a, b]}"),
        ("year: integer", "year: intger"),
        ("rows: 3", "rows: three"),
        ("model: small", "mdel: small"),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(old: str, new: str) -> None:
    assert old in TEXT
    assert mistakes(TEXT.replace(old, new, 1))


def test_every_key_of_a_pattern_can_be_completed_by_an_editor() -> None:
    pattern = model_schema()["$defs"]["PatternDoc"]

    assert {"question", "operation", "key", "limit", "examples", "oracle", "budget"} <= pattern["properties"].keys()
    assert pattern["additionalProperties"] is False
    assert pattern["required"] == ["question", "operation"]
