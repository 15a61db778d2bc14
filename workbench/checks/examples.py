"""Runs one example, or takes a result that is there already, and gives every verdict on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.checks.budgets import check_budget
from workbench.checks.diagnosis import why_empty
from workbench.checks.expectations import check_expectation, declares
from workbench.checks.oracles import OracleAnswer, ask_oracle
from workbench.checks.report import ExampleReport, Report
from workbench.checks.verdicts import NO_EXAMPLE, Subject, Verdict
from workbench.errors import RequestError, StatementError, UnreachableError, WorkbenchError
from workbench.model import Example, Expectation, Pattern
from workbench.plans import build
from workbench.results import DEFAULT_MAX_PAGES, run

if TYPE_CHECKING:
    from workbench.results import Result, Session


def check_example(session: Session, pattern: Pattern, example: Example) -> ExampleReport:
    """Run an example in ``session`` and return its verdicts. Raises only where engine or database can't be reached."""
    subject = Subject(pattern.name, example.name)
    try:
        plan = build(session.model, pattern, example.arguments, clock=session.clock)
        result = run(session, plan, pages=DEFAULT_MAX_PAGES if example.all_pages else 1)
    except WorkbenchError as error:
        if isinstance(error, UnreachableError) and not isinstance(error, StatementError):
            raise  # an engine or a database that is down is no verdict on a model
        return _failed(error, example.expect, subject)
    return judge(session, result, example.expect, subject, all_pages=example.all_pages)


def judge(
    session: Session, result: Result, expect: Expectation, subject: Subject, *, all_pages: bool = False
) -> ExampleReport:
    """Return the verdicts on a result: expectations, oracle, budget."""
    cause = why_empty(session, result.plan) if not result.rows and expect.rows != 0 else ""
    verdicts = [*_unmet_error(expect, subject)]
    if expect.error is None and (declares(expect) or not result.rows):
        verdicts += check_expectation(result, expect, subject, empty_cause=cause)
    if result.incomplete:
        wrong = f"stopped after {result.receipt.reach}, and there are more"
        verdicts.append(subject.verdict("run", "pages", wrong))
    oracle = ask_oracle(session, result, subject) if expect.error is None else OracleAnswer()
    verdicts += [oracle.verdict] if oracle.verdict else []
    budget = result.plan.pattern.budget
    if budget is not None and not all_pages:  # a budget is what one run may cost, and all pages are many runs
        verdicts += check_budget(result.receipt, budget, subject)
    return _report(result, tuple(verdicts), oracle, subject)


def verify(session: Session, result: Result) -> Report:
    """Return the report on one result: the example with its arguments, if there is one, the oracle and the budget.

    A result that no example and no oracle says anything about is unproved, and the report is then not ok.
    """
    example = matching_example(result)
    name = example.name if example is not None else NO_EXAMPLE
    subject = Subject(result.plan.pattern.name, name)
    expect = example.expect if example is not None else Expectation()
    several = _pages(result) > 1 or (example is not None and example.all_pages)
    entry = judge(session, result, expect, subject, all_pages=several)
    return Report(session.model.name, str(getattr(session.engine, "title", "")), (entry,))


def matching_example(result: Result) -> Example | None:
    """Return the example that was run with the same arguments and the same number of pages, or None."""
    plan = result.plan
    if plan.cursor is not None:
        return None
    for example in plan.pattern.examples.values():
        whole = result.cursor is None if example.all_pages else _pages(result) <= 1
        if whole and _same_arguments(plan.pattern, example, plan.arguments):
            return example
    return None


def _pages(result: Result) -> int:
    return result.receipt.pages or 1


def _same_arguments(pattern: Pattern, example: Example, arguments: dict[str, Any]) -> bool:
    for name, parameter in pattern.parameters.items():
        made = parameter.default in ("$now", "$uuid") and name not in example.arguments
        if not made and example.arguments.get(name, parameter.default) != arguments.get(name):
            return False
    return True


def _unmet_error(expect: Expectation, subject: Subject) -> list[Verdict]:
    if expect.error is None:
        return []
    return [subject.verdict("expectation", "error", f"no error, expected {expect.error}")]


def _failed(error: WorkbenchError, expect: Expectation, subject: Subject) -> ExampleReport:
    """Return the report on a run that raised: good where just that error was expected."""
    code = error.code if isinstance(error, RequestError) and error.code else type(error).__name__
    names = {code, *(kind.__name__ for kind in type(error).__mro__)}
    if expect.error is None:
        verdict = subject.verdict("run", "", f"{type(error).__name__}: {error}")
    else:
        wrong = None if expect.error in names else f"{code}, expected {expect.error}: {error}"
        verdict = subject.verdict("expectation", "error", wrong, f"{code}, as expected")
    receipt = error.receipt if isinstance(error, RequestError) else None
    units = {"computed": receipt.computed, "reported": receipt.reported} if receipt is not None else {}
    return ExampleReport(subject.pattern, subject.example, (verdict,), error=code, **units)


def _report(result: Result, verdicts: tuple[Verdict, ...], oracle: OracleAnswer, subject: Subject) -> ExampleReport:
    receipt = result.receipt
    return ExampleReport(
        pattern=subject.pattern,
        example=subject.example,
        verdicts=verdicts,
        rows=len(result.rows),
        pages=receipt.pages,
        items_read=receipt.items_read,
        items_returned=receipt.items_returned,
        bytes_read=receipt.bytes_read,
        computed=receipt.computed,
        reported=receipt.reported,
        difference=receipt.difference,
        defect=receipt.defect is not None,
        oracle=oracle.word,
        oracle_rows=oracle.rows,
        notes=tuple(receipt.notes),
    )
