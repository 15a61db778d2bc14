"""Bulk work: whole tables in and out, work that goes on after a kill, under a ceiling of units a second."""

from workbench.bulk.batches import batches
from workbench.bulk.expected import Expected
from workbench.bulk.export import to_parquet
from workbench.bulk.journal import Journal
from workbench.bulk.rates import Ceiling
from workbench.bulk.reached import ExportReport, ScanProgress
from workbench.bulk.report import FailedRow, Progress, WriteReport
from workbench.bulk.steps import run_with_journal
from workbench.bulk.writing import write

__all__ = [
    "Ceiling", "Expected", "ExportReport", "FailedRow", "Journal", "Progress", "ScanProgress", "WriteReport",
    "batches", "run_with_journal", "to_parquet", "write",
]  # fmt: skip
