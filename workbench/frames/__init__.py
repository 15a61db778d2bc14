"""Items to DataFrames and out of them again: exact columns, CSV, JSON, Markdown, Parquet and terminal text."""

from workbench.frames.cells import cell_text, is_missing, json_text
from workbench.frames.export import to_csv, to_json, to_markdown
from workbench.frames.frame import from_items
from workbench.frames.null import NULL, NullType
from workbench.frames.parquet import to_parquet
from workbench.frames.rows import from_rows
from workbench.frames.text import to_text

__all__ = [
    "NULL", "NullType", "cell_text", "from_items", "from_rows", "is_missing", "json_text", "to_csv", "to_json",
    "to_markdown", "to_parquet", "to_text",
]  # fmt: skip
