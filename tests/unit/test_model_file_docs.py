"""The page about the model file: its example loads, and it names every key and every word of the grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.model import TYPES, load_model
from workbench.model.loading.schema import model_schema

PAGE = (Path(__file__).parents[2] / "docs" / "model-file.md").read_text(encoding="utf-8")
FILES = {
    "sql/schema.sql": "", "sql/seed.sql": "", "data/books.csv": "", "sql/all-books.sql": "",
    "sql/list-shelf.sql": "SELECT 1 LIMIT %(limit)s", "sql/book-by-isbn.sql": "SELECT %(isbn)s",
}  # fmt: skip


def words_of(node: Any) -> Iterator[str]:
    """Every key and every word of a choice in the schema."""
    if isinstance(node, dict):
        yield from node.get("properties", {})
        if node.get("type") == "string":
            yield from node.get("enum", [])
            yield from [node["const"]] if "const" in node else []
        for inner in node.values():
            yield from words_of(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from words_of(inner)


def test_the_example_of_the_page_is_a_model_without_mistakes(tmp_path: Path) -> None:
    block = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert block
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "model.yaml").write_text(block[1])

    assert load_model(tmp_path).name == "library"


def test_the_page_names_every_key_and_word_of_the_grammar() -> None:
    named = set(re.findall(r"[A-Za-z_-]+", PAGE))

    assert sorted(set(words_of(model_schema())) - named) == []
    assert sorted(set(TYPES) - named) == []
