"""A headless run: notebooks found, parameters read, services held, every notebook executed, all reported."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.errors import NotebookError, UsageError, WorkbenchError
from workbench.notebooks.documents import Notebook, code_cells, read_notebook, source_of
from workbench.notebooks.history import append_history, last_seconds
from workbench.notebooks.holding import hold_services
from workbench.notebooks.outcome import hide
from workbench.notebooks.outputs import default_runs, file_names, new_run_folder, prove_writable
from workbench.notebooks.parameters import Parameter, assign_values, declared_parameters
from workbench.notebooks.pool import Pool, cores
from workbench.notebooks.records import CellError, Event, NotebookResult, RunReport, Status
from workbench.notebooks.redaction import redacted
from workbench.notebooks.report import write_history_page, write_report
from workbench.notebooks.selection import find_notebooks

__all__ = ["run_notebooks"]

CELL_SECONDS = 120
NOTEBOOK_CELLS = 5  # a notebook has the time of so many slow cells in all, unless told otherwise
SHORTEST_SECRET = 5  # shorter ones stand in ordinary text too; their parameter cell is hidden all the same
Hold = Callable[[str, Callable[[str], None]], AbstractContextManager[str]]
OnEvent = Callable[[Event], None]


def _ignore(event: Event) -> None:
    return None


@contextmanager
def _hold_nothing(engine: str, tell: Callable[[str], None]) -> Iterator[str]:
    yield "no engine"


@dataclass(frozen=True)
class _Setting:
    """What is to be done, proved possible before any work starts."""

    runs: Path
    notebooks: tuple[Path, ...]
    values: dict[Path, dict[str, Any]]
    parameters: dict[str, Any]
    engine: str
    timeout: float
    limit: float
    jobs: int
    needs_services: bool


def run_notebooks(
    targets: Sequence[str | Path] = (),
    *,
    parameters: Mapping[str, Any] | None = None,
    engine: str | None = None,
    jobs: int | None = None,
    timeout: float = CELL_SECONDS,
    notebook_timeout: float | None = None,
    out: Path | None = None,
    on_event: OnEvent = _ignore,
    hold: Hold = hold_services,
) -> RunReport:
    """Execute notebooks, each by papermill in a kernel of its own, and return what became of them.

    ``targets`` are names, numbers, paths, folders or globs (selection.py); without any, every numbered notebook.
    ``parameters`` go to the notebooks that declare them, read by the type of the default. ``engine`` is held for the
    run and given to the notebooks as their parameter of that name. ``jobs`` defaults to the cores. ``timeout`` is for a
    cell, ``notebook_timeout`` for a notebook (five cells' time by default), in seconds. ``out`` is the folder of runs.

    Raises UsageError (and its kinds) before any work for what cannot be meant or written, EngineError or DatabaseError
    where a service cannot be reached. A notebook that fails raises nothing: see ``RunReport.exit_code``. Ctrl-C and
    SIGTERM end workers and kernels, and the report says ``interrupted``.
    """
    setting = _setting(targets, dict(parameters or {}), engine, jobs, timeout, notebook_timeout, out)
    started = datetime.now(UTC)
    with _signals() as stopped:
        try:
            return _run(setting, started, on_event, hold if setting.needs_services else _hold_nothing)
        except (WorkbenchError, KeyboardInterrupt) as error:  # before there was anything to report
            _record_abort(setting, started, error)
            if isinstance(error, KeyboardInterrupt) and stopped:
                raise KeyboardInterrupt from None
            raise


def _setting(
    targets: Sequence[str | Path],
    parameters: dict[str, Any],
    engine: str | None,
    jobs: int | None,
    timeout: float,
    notebook_timeout: float | None,
    out: Path | None,
) -> _Setting:
    if engine is not None and parameters.setdefault("engine", engine) != engine:
        raise UsageError(
            f"The engine is said twice: {engine!r}, and {parameters['engine']!r} as a parameter. Say it once."
        )
    for name, value in (("jobs", jobs), ("timeout", timeout), ("notebook_timeout", notebook_timeout)):
        if value is not None and value <= 0:
            raise UsageError(f"{name} is {value}; it must be more than 0.")
    notebooks = find_notebooks([targets] if isinstance(targets, str | Path) else targets)
    read = {path: read_notebook(path) for path in notebooks}
    declared = {path: _declared(path, notebook) for path, notebook in read.items()}
    values = assign_values(notebooks, parameters, declared)
    return _Setting(
        runs=prove_writable(out or default_runs()),
        notebooks=notebooks,
        values=values,
        parameters=redacted(parameters),
        engine=str(parameters.get("engine", "auto")),
        timeout=timeout,
        limit=notebook_timeout or timeout * NOTEBOOK_CELLS,
        jobs=min(jobs or cores(), len(notebooks)),
        needs_services=any("workbench" in source_of(cell) for each in read.values() for _, cell in code_cells(each)),
    )


def _declared(path: Path, notebook: Notebook) -> dict[str, Parameter]:
    language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    if language != "python":
        raise UsageError(f"{path.name} is a notebook of {language}; only Python notebooks can be run.")
    return declared_parameters(path, notebook)


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Let SIGTERM and SIGHUP end the run as Ctrl-C does; give the list of signals that came."""
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return

    def stop(number: int, _frame: object) -> None:
        came.append(number)
        if len(came) == 1:  # while the run is being ended, another one would leave something behind
            raise KeyboardInterrupt

    wanted = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {each: signal.getsignal(each) for each in wanted}
    for each, handler in before.items():
        if handler is not signal.SIG_IGN or each == signal.SIGTERM:
            signal.signal(each, stop)
    try:
        yield came
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _run(setting: _Setting, started: datetime, on_event: OnEvent, hold: Hold) -> RunReport:
    total = len(setting.notebooks)
    on_event(Event("preparing", f"{total} notebook{'s' * (total != 1)}, {setting.jobs} at a time", total=total))
    clock = time.monotonic()
    folders = [str(path.parent) for path in setting.notebooks]
    with Pool(setting.jobs, folders) as pool, hold(setting.engine, lambda m: on_event(Event("preparing", m))) as title:
        folder = new_run_folder(setting.runs, started)
        on_event(Event("ready", title, total=total))
        results, status = _execute(setting, folder, pool, on_event)
    report = RunReport(
        id=folder.name,
        folder=folder,
        report=folder / "index.html",
        status=status,
        started=f"{started:%Y-%m-%dT%H:%M:%SZ}",
        seconds=time.monotonic() - clock,
        engine=title,
        jobs=setting.jobs,
        parameters=setting.parameters,
        notebooks=tuple(results),
    )
    report = _keep(report, setting.runs)
    passed = sum(result.ok for result in results)
    message = "\n".join([*report.notes, f"{passed} of {total} passed in {report.seconds:.1f} s: {report.report}"])
    on_event(Event("finished", message, done=passed, total=total, report=report))
    return report


def _keep(report: RunReport, runs: Path) -> RunReport:
    """Write the report and the history; what cannot be written is a note, and the run then has not passed."""

    def remember(done: RunReport) -> None:
        append_history(runs, done.as_dict())
        write_history_page(runs)

    for write in (write_report, remember):
        try:
            write(report)
        except NotebookError as error:
            status: Status = "failed" if report.status == "passed" else report.status
            report = replace(report, status=status, notes=(*report.notes, str(error)))
    return report


def _execute(setting: _Setting, folder: Path, pool: Pool, on_event: OnEvent) -> tuple[list[NotebookResult], Status]:
    names = file_names(setting.notebooks)
    shown = [redacted(setting.values[path]) for path in setting.notebooks]
    results = [
        NotebookResult(name, path, "interrupted", parameters=values)
        for name, path, values in zip(names, setting.notebooks, shown, strict=True)
    ]
    past = last_seconds(setting.runs)
    # The longest first: a long one that starts last keeps one core waiting. One without a past may be long.
    order = sorted(range(len(results)), key=lambda place: -past.get(names[place], 1e9))
    jobs = [_job(setting, folder, results[place]) for place in order]
    done = 0
    try:
        for kind, turn, outcome in pool.run(jobs):
            place = order[turn]
            if kind == "done":
                done += 1
                results[place] = result = _result(results[place], outcome, jobs[turn]["secrets"])
                on_event(Event(result.status, notebook=result.name, done=done, total=len(jobs), result=result))
            else:
                on_event(Event(kind, notebook=results[place].name, done=done, total=len(jobs)))
    except KeyboardInterrupt:
        on_event(Event("interrupted", "interrupted: ending workers and kernels", done=done, total=len(jobs)))
        return results, "interrupted"
    return results, "passed" if all(result.ok for result in results) else "failed"


def _job(setting: _Setting, folder: Path, result: NotebookResult) -> dict[str, Any]:
    values = setting.values[result.path]
    hidden = {name: value for name, value in values.items() if result.parameters[name] != value}
    return {
        "name": result.name,
        "input": str(result.path),
        "output": str(folder / f"{result.name}.ipynb"),
        "page": str(folder / f"{result.name}.html"),
        "parameters": values,
        "hidden": list(hidden),
        "secrets": [str(value) for value in hidden.values() if len(str(value)) >= SHORTEST_SECRET],
        "timeout": setting.timeout,
        "limit": setting.limit,
    }


def _result(before: NotebookResult, outcome: dict[str, Any], secrets: Sequence[str]) -> NotebookResult:
    error = _error(outcome["error"], secrets) if outcome.get("error") else None
    return NotebookResult(
        name=before.name,
        path=before.path,
        status="failed" if error else "passed",
        seconds=outcome.get("seconds", 0.0),
        cells=outcome.get("cells", 0),
        output=outcome.get("output", ""),
        page=outcome.get("page", ""),
        parameters=before.parameters,
        error=error,
        notes=tuple(outcome.get("notes", ())),
        answers=tuple(outcome.get("answers", ())),
    )


def _error(found: dict[str, Any], secrets: Sequence[str]) -> CellError:
    texts = {name: hide(text, secrets) for name, text in found.items() if isinstance(text, str)}
    return CellError(**found | texts | {"traceback": tuple(hide(line, secrets) for line in found["traceback"])})


def _record_abort(setting: _Setting, started: datetime, error: BaseException) -> None:
    """Add a run that never came to its notebooks to the history: a schedule's owner must see it there."""
    status = "interrupted" if isinstance(error, KeyboardInterrupt) else "unreachable"
    record: dict[str, Any] = {
        "id": "", "status": status, "exit_code": getattr(error, "exit_code", 130), "message": str(error),
        "started": f"{started:%Y-%m-%dT%H:%M:%SZ}", "engine": setting.engine, "parameters": setting.parameters,
        "notebooks": [],
    }  # fmt: skip
    with suppress(WorkbenchError):
        append_history(setting.runs, record)
