"""Running plans: requests sent, pages followed, items recognised, and the price of it all."""

from workbench.results.backoff import Backoff
from workbench.results.columns import UNRECOGNISED, EntityFrames
from workbench.results.effects import Arm, Effect
from workbench.results.entities import Recognised, recognise
from workbench.results.execution import DEFAULT_MAX_PAGES, run
from workbench.results.lookups import resolved
from workbench.results.reading import Reading, read
from workbench.results.receipts import Receipt, units_text
from workbench.results.result import ItemChange, Result
from workbench.results.session import Session
from workbench.results.stepping import Steps
from workbench.results.tables import scan

__all__ = [
    "DEFAULT_MAX_PAGES", "UNRECOGNISED", "Arm", "Backoff", "Effect", "EntityFrames", "ItemChange", "Reading", "Receipt",
    "Recognised", "Result", "Session", "Steps", "read", "recognise", "resolved", "run", "scan", "units_text",
]  # fmt: skip
