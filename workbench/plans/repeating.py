"""Which writes may be sent twice: a resumed job may send a step that was done and not noted."""

from __future__ import annotations

from workbench.model import Action, Pattern
from workbench.plans.expressions import parse_update
from workbench.plans.syntax import Arithmetic, Call, Update, walk


def counts_twice(pattern: Pattern) -> str:
    """Return which action would count twice when it is sent twice, in words; an empty text where none would.

    Puts, deletes, and updates that set what does not depend on what is there, end alike however often they are sent.
    An update that adds does not, unless a put in the same transaction refuses the second time.
    """
    if pattern.operation == "TransactWriteItems" and any(_refuses_twice(action) for action in pattern.actions):
        return ""
    for action in pattern.actions:
        if action.update is not None and _adds(parse_update(action.update, f"{pattern.name}: set")):
            return f"update {action.entity}: {action.update}"
    return ""


def _refuses_twice(action: Action) -> bool:
    return action.kind == "put" and "attribute_not_exists" in (action.condition or "")


def _adds(update: Update) -> bool:
    if any(clause.word == "ADD" for clause in update.clauses):
        return True
    return any(
        isinstance(node, Arithmetic) or (isinstance(node, Call) and node.name == "list_append") for node in walk(update)
    )
