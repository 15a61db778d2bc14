"""The pages: links lead somewhere, public names and variables are told, errors have a cure, examples run."""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import workbench
from workbench.engines.defects import DEFECTS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in [*ROOT.glob("*.md"), *DOCS.glob("*.md")])
SOURCES = sorted((ROOT / "workbench").rglob("*.py"))
ENGINES = (DOCS / "engines.md").read_text(encoding="utf-8")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_VARIABLE = re.compile(r"(?<![A-Z0-9_])WORKBENCH_[A-Z][A-Z_]*[A-Z]")
_FORBIDDEN = re.compile(r"\b(simply|just|obviously)\b", re.IGNORECASE)

# Messages that only carry another one, which has its own cure.
CARRIERS = {"{}: {}: run `workbench engine stop`.", "{} The statement: {}"}


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    heads = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    broken = []
    for link in _LINK.findall(prose(page)):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (page.parent / target) if target else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_prose_has_no_word_that_talks_down_to_its_reader(page: Path) -> None:
    assert _FORBIDDEN.findall(re.sub(r"`[^`]*`", "", prose(page))) == []


def test_every_benchmark_that_a_text_names_as_a_command_is_there_and_is_run_as_a_module() -> None:
    folders = [DOCS, ROOT / "benchmarks", ROOT / "notebooks", ROOT / "workbench"]
    texts = [*ROOT.glob("*.md"), ROOT / "Makefile"]
    texts += [path for folder in folders for path in folder.rglob("*") if path.suffix in (".md", ".py", ".ipynb")]
    said = "\n".join(path.read_text(encoding="utf-8") for path in texts)
    named = set(re.findall(r"python -m benchmarks\.(\w+)", said))

    assert re.findall(r"python benchmarks/\w+", said) == []
    assert len(named) >= 8
    assert [name for name in sorted(named) if not (ROOT / "benchmarks" / f"{name}.py").exists()] == []


def test_every_benchmark_that_takes_options_is_in_the_readme_of_the_benchmarks() -> None:
    told = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    commands = [path.stem for path in (ROOT / "benchmarks").glob("[!_]*.py") if "ArgumentParser(" in path.read_text()]

    inner = {"replay"}  # the server of recorded answers, which the others start
    assert [name for name in sorted(commands) if name not in inner and f"benchmarks.{name}`" not in told] == []
    assert "kill_writer" in commands


def test_every_public_name_is_told_somewhere() -> None:
    told = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)

    missing = [name for name in workbench.__all__ if not re.search(rf"\b(?:wb|workbench)\.{name}\b", told)]

    assert missing == []


def test_the_examples_of_the_capacity_page_give_what_it_shows() -> None:
    text = (DOCS / "capacity.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "capacity.md", "docs/capacity.md", 0)
    said: list[str] = []

    found = doctest.DocTestRunner().run(test, out=said.append)

    assert found.attempted >= 60
    assert "".join(said) == ""
    assert found.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_python_block_of_a_page_is_python(page: Path) -> None:
    for block in re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        if ">>>" not in block:
            compile(block, page.name, "exec")


def test_null_and_missing_differ_as_the_results_page_says() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (DOCS / "results.md").read_text(encoding="utf-8"), re.DOTALL | re.M)
    (block,) = [each for each in blocks if "from_items" in each]

    exec(compile(block, "docs/results.md", "exec"), {})


def read_variables() -> set[str]:
    """The names that the package takes from its environment, and every variable of its own that it speaks of."""
    found = set()
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        found |= set(_VARIABLE.findall(text))
        found |= set(re.findall(r"""environ(?:\.get\(|\.setdefault\(|\[)\s*["']([A-Z_]+)["']""", text))
        found |= set(re.findall(r"""envvar=["']([A-Z_]+)["']""", text))
    return found


def test_every_environment_variable_is_on_the_page_about_engines() -> None:
    assert sorted(name for name in read_variables() if f"`{name}`" not in ENGINES) == []


def test_the_page_about_engines_names_no_variable_that_nothing_reads() -> None:
    assert sorted(set(_VARIABLE.findall(ENGINES)) - read_variables()) == []


@pytest.mark.parametrize("name", [defect.name for defect in DEFECTS])
def test_every_known_defect_of_an_engine_is_on_the_page(name: str) -> None:
    assert f"| `{name}` |" in ENGINES


def raised_texts() -> Iterator[tuple[str, str]]:
    """Every message that an EngineError or DatabaseError is made with: place, and text with {} for values."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            named = name in ("EngineError", "DatabaseError", "_error", "failure")
            if named or (name == "error" and "engines" in path.parts):
                text = template(node.args[0])
                if len(text.replace("{}", "").strip(" :.")) > 3:
                    yield f"{path.name}:{node.lineno}", text


def template(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)  # type: ignore[misc]
    return ""


def cures() -> list[str]:
    """The words of messages in the first columns of the two tables."""
    rows = re.findall(r"^\| (`.*?) \| ", ENGINES.partition("## When it does not work")[2], re.MULTILINE)
    return [phrase for row in rows for phrase in re.findall(r"`([^`]+)`", row)]


def test_every_engine_and_database_error_has_a_cure_on_the_page() -> None:
    known = cures()

    uncured = [(place, text) for place, text in raised_texts() if not any(each in text for each in known)]
    assert [(place, text) for place, text in uncured if text not in CARRIERS] == []


def test_the_page_cures_no_error_that_is_never_raised() -> None:
    everything = "\n".join(
        template(node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant | ast.JoinedStr)
    )

    assert [phrase for phrase in cures() if phrase not in everything] == []
