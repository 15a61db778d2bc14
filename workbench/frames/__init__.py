"""Answers to DataFrames and out of them again: exact columns, Arrow, CSV, JSON, Markdown, Parquet and terminal text."""

from workbench.frames.cells import cell_text, is_missing, json_text
from workbench.frames.columns import Columns, first_rows, in_order
from workbench.frames.decoding import Decoder
from workbench.frames.documents import json_of_wire, wire_of_json
from workbench.frames.envelope import Envelope, split
from workbench.frames.export import to_csv, to_json, to_markdown
from workbench.frames.files import read_feather, read_parquet, to_parquet
from workbench.frames.frame import from_items
from workbench.frames.libraries import to_duckdb, to_polars
from workbench.frames.null import NULL, NullType, is_null
from workbench.frames.objects import Floats
from workbench.frames.page import Page
from workbench.frames.pipeline import Pipeline
from workbench.frames.restoring import frame_to_arrow as to_arrow
from workbench.frames.restoring import to_items
from workbench.frames.rows import from_rows
from workbench.frames.shapes import fitted, schema_of, shapes_from_json, shapes_of, shapes_to_json, united
from workbench.frames.sizes import page_size
from workbench.frames.text import to_text

__all__ = [
    "NULL", "Columns", "Decoder", "Envelope", "Floats", "NullType", "Page", "Pipeline", "cell_text", "first_rows",
    "fitted", "from_items", "from_rows", "in_order", "is_missing", "is_null", "json_of_wire", "json_text", "page_size",
    "read_feather", "read_parquet", "schema_of", "shapes_from_json", "shapes_of", "shapes_to_json", "split",
    "to_arrow", "to_csv", "to_duckdb", "to_items", "to_json", "to_markdown", "to_parquet", "to_polars", "to_text",
    "united", "wire_of_json",
]  # fmt: skip
