"""Verdicts on a model: every example's expectations, the SQL oracle's word, the budget, and the coverage."""

from workbench.checks.examples import check_example, verify
from workbench.checks.report import ExampleReport, Report
from workbench.checks.running import check_model
from workbench.checks.verdicts import Verdict

__all__ = ["ExampleReport", "Report", "Verdict", "check_example", "check_model", "verify"]
