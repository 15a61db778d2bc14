"""What a committed notebook must be like, rule by rule.

Each rule is a function from a notebook to the problems it finds, in words. The reasons are the traps that nbval,
papermill and git have for notebooks: nbval compares nothing in cells without a count, papermill takes only literals
as parameters, outputs with addresses or times differ on each run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat

MOST_LINES = 15
MOST_CELL_BYTES = 50_000
MOST_FILE_BYTES = 500_000
ADDRESS = re.compile(r"0x[0-9a-f]{6,}", re.IGNORECASE)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|Users|tmp|work|var|private)/[\w.-]+")
CREDENTIAL = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|aws_secret_access_key|://[^/\s:@]+:[^/\s@]+@")
ACCOUNT_ID = re.compile(r"(?<![\w.-])\d{12}(?![\w.-])")
FORBIDDEN_SOURCE = {
    "%load_ext autoreload": "hides stale state; use it in scratch notebooks only",
    "!pip": "changes the environment of whoever runs it; add the package to pyproject.toml",
    "%pip": "changes the environment of whoever runs it; add the package to pyproject.toml",
}

Notebook = Any
Rule = Callable[[Notebook], Iterator[str]]


def problems(path: Path) -> list[str]:
    """Return what is wrong with the notebook at ``path``, each as a sentence that begins with its file name."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    found = [f"{path.name}: {problem}" for rule in RULES for problem in rule(notebook)]
    if path.stat().st_size > MOST_FILE_BYTES:
        found.append(f"{path.name}: {path.stat().st_size} bytes; {MOST_FILE_BYTES} is the most")
    return found


def kernel_is_python3(notebook: Notebook) -> Iterator[str]:
    """Another kernel name is missing on other machines."""
    name = notebook.metadata.get("kernelspec", {}).get("name")
    if name != "python3":
        yield f"its kernel is {name!r}; it must be 'python3'"


def begins_with_a_title(notebook: Notebook) -> Iterator[str]:
    """The first cell is the question, as a heading of the first level."""
    first = notebook.cells[0] if notebook.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "its first cell is not a markdown cell that begins with '# '"


def has_one_parameters_cell(notebook: Notebook) -> Iterator[str]:
    """papermill injects after the one cell tagged parameters; that cell comes before all other code."""
    tagged = [at for at, cell in enumerate(code_cells(notebook)) if "parameters" in tags(cell)]
    if tagged != [0]:
        yield f"cells tagged 'parameters' among the code cells: {tagged}; the first code cell, and no other, must be"


def parameters_are_literals(notebook: Notebook) -> Iterator[str]:
    """What is derived would not follow an override, and '#' in a value confuses papermill's inspection."""
    for cell in code_cells(notebook):
        if "parameters" in tags(cell):
            yield from _not_literals(cell.source)


def counts_are_in_order(notebook: Notebook) -> Iterator[str]:
    """A cell without a count is never compared by nbval; counts out of order show a stale run."""
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"its execution counts are {counts}; run `make refresh`"


def has_no_errors_or_warnings(notebook: Notebook) -> Iterator[str]:
    """An error or a warning among the outputs is a broken lesson."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"cell {cell.execution_count} shows the error {output.ename}"
            if output.get("name") == "stderr":
                yield f"cell {cell.execution_count} writes to stderr: {output.text.strip()[:80]}"


def has_no_run_metadata(notebook: Notebook) -> Iterator[str]:
    """Times of execution and papermill's notes change with each run and say nothing."""
    for at, cell in enumerate(notebook.cells):
        extra = {"execution", "papermill", "collapsed", "scrolled", "ExecuteTime"} & set(cell.metadata)
        if extra:
            yield f"cell {at} has the metadata {', '.join(sorted(extra))}; run `make refresh`"
    extra = {"papermill", "widgets", "signature"} & set(notebook.metadata)
    if extra or "version" in notebook.metadata.get("language_info", {}):
        yield "its metadata holds traces of a run or a Python version; run `make refresh`"


def has_no_trailing_semicolon(notebook: Notebook) -> Iterator[str]:
    """nbval runs cells in a way that ignores it, and then finds an output that is not in the file."""
    for cell in code_cells(notebook):
        if cell.source.rstrip().endswith(";"):
            yield f"cell {cell.execution_count} ends with ';'"


def has_no_forbidden_source(notebook: Notebook) -> Iterator[str]:
    """Lines that change the machine or hide state."""
    for cell in code_cells(notebook):
        for text, reason in FORBIDDEN_SOURCE.items():
            if text in cell.source:
                yield f"cell {cell.execution_count} has {text!r}, which {reason}"


def outputs_are_the_same_everywhere(notebook: Notebook) -> Iterator[str]:
    """No address, no path of a machine, no credential or account id in what is shown."""
    for cell in code_cells(notebook):
        text = "\n".join(plain_texts(cell))
        for name, pattern in (
            ("a memory address", ADDRESS),
            ("a path of a machine", MACHINE_PATH),
            ("a credential", CREDENTIAL),
            ("what looks like an AWS account id", ACCOUNT_ID),
        ):
            if match := pattern.search(text):
                yield f"cell {cell.execution_count} shows {name}: {match[0][:40]}"


def sources_hold_no_secrets(notebook: Notebook) -> Iterator[str]:
    """No credential and no path of a machine in any cell."""
    for at, cell in enumerate(notebook.cells):
        for name, pattern in (("a credential", CREDENTIAL), ("a path of a machine", MACHINE_PATH)):
            if match := pattern.search(cell.source):
                yield f"cell {at} holds {name}: {match[0][:40]}"


def is_small(notebook: Notebook) -> Iterator[str]:
    """Cells that a reader takes in at one look."""
    for cell in code_cells(notebook):
        lines = len(cell.source.splitlines())
        if lines > MOST_LINES:
            yield f"cell {cell.execution_count} has {lines} lines; {MOST_LINES} are the most"
        size = sum(len(str(output)) for output in cell.outputs)
        if size > MOST_CELL_BYTES:
            yield f"cell {cell.execution_count} shows {size} bytes; {MOST_CELL_BYTES} are the most"


def cell_ids_are_unique(notebook: Notebook) -> Iterator[str]:
    """Two cells of one id confuse every tool that compares notebooks."""
    ids = [cell.get("id") for cell in notebook.cells]
    if None in ids or len(set(ids)) != len(ids):
        yield "its cell ids are missing or not unique"


def words_come_before_code(notebook: Notebook) -> Iterator[str]:
    """Every block of code is introduced by words; the parameters and the set-up may follow one another."""
    before = None
    code = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            code += 1
            if code > 2 and before == "code" and not {"check", "solution"} & set(tags(cell)):
                yield f"code cell {code} follows another without a word between; tag it 'check' if it checks an answer"
        before = cell.cell_type


def ends_with_what_must_hold(notebook: Notebook) -> Iterator[str]:
    """nbval and papermill see only exceptions: the last code cell asserts, under the heading that says so."""
    last = code_cells(notebook)[-1:]
    if not last or not any(isinstance(node, ast.Assert) for node in ast.walk(_tree(last[0].source))):
        yield "its last code cell asserts nothing"
    headings = [line for cell in notebook.cells if cell.cell_type == "markdown" for line in cell.source.splitlines()]
    if not any(re.fullmatch(r"#+ What must hold", line.strip()) for line in headings):
        yield "no heading says 'What must hold'"


RULES: tuple[Rule, ...] = (
    kernel_is_python3,
    begins_with_a_title,
    has_one_parameters_cell,
    parameters_are_literals,
    counts_are_in_order,
    has_no_errors_or_warnings,
    has_no_run_metadata,
    has_no_trailing_semicolon,
    has_no_forbidden_source,
    outputs_are_the_same_everywhere,
    sources_hold_no_secrets,
    is_small,
    cell_ids_are_unique,
    words_come_before_code,
    ends_with_what_must_hold,
)


def code_cells(notebook: Notebook) -> list[Any]:
    """Return the code cells that hold anything."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def tags(cell: Any) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.metadata.get("tags", []))


def plain_texts(cell: Any) -> Iterator[str]:
    """Give the texts that a cell shows: streams, text/plain and text/html of its outputs."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        for kind in ("text/plain", "text/html"):
            if kind in output.get("data", {}):
                yield output.data[kind]


def _not_literals(source: str) -> Iterator[str]:
    for node in _tree(source).body:
        value = getattr(node, "value", None)
        if not isinstance(node, ast.Assign | ast.AnnAssign) or value is None:
            yield f"the parameters cell has {ast.unparse(node)[:60]!r}; only NAME = literal is allowed"
            continue
        try:
            literal = ast.literal_eval(value)
        except ValueError:
            yield f"the parameter {ast.unparse(node)[:60]!r} is not a literal"
            continue
        if "#" in str(literal):
            yield f"the parameter {ast.unparse(node)[:60]!r} holds '#'; give a plain id, and compose the key later"


def _tree(source: str) -> ast.Module:
    lines = ("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
    return ast.parse("\n".join(lines))
