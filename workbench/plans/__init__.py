"""Pattern + arguments -> exact requests, and what they mean in words. No I/O."""

from workbench.plans.building import build, scan
from workbench.plans.checking import check_expressions
from workbench.plans.clock import Clock
from workbench.plans.estimating import Estimate
from workbench.plans.explanation import Explanation
from workbench.plans.plan import Plan
from workbench.plans.repeating import counts_twice
from workbench.plans.requests import Request
from workbench.plans.steps import Step
from workbench.plans.tables import table_request, ttl_request

__all__ = [
    "Clock",
    "Estimate",
    "Explanation",
    "Plan",
    "Request",
    "Step",
    "build",
    "check_expressions",
    "counts_twice",
    "scan",
    "table_request",
    "ttl_request",
]
