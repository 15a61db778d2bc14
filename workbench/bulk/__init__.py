"""Bulk work: many rows written, requests that go on after a kill, under a ceiling of units a second."""

from workbench.bulk.journal import Journal
from workbench.bulk.rates import Ceiling
from workbench.bulk.report import FailedRow, Progress, WriteReport
from workbench.bulk.writing import write

__all__ = ["Ceiling", "FailedRow", "Journal", "Progress", "WriteReport", "write"]
