"""Bulk work: many requests that go on after a kill, under a ceiling of units a second."""

from workbench.bulk.journal import Journal
from workbench.bulk.rates import Ceiling

__all__ = ["Ceiling", "Journal"]
