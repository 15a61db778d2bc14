"""The floors of the house: imports go down only, and start-up pulls in nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "workbench"

# Highest first. Rooms that share a floor do not import each other.
FLOORS: list[set[str]] = [
    {"cli", "notebooks"},
    {"show"},
    {"bench"},
    {"cache", "checks", "formats", "seeding", "streams"},
    {"bulk"},
    {"results"},
    {"engines"},
    {"plans", "frames"},
    {"items"},
    {"model"},
    {"errors"},
]
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
# The front door: what `import workbench` gives a reader. It may open any room, and only faces may come through it.
FRONT_DOOR = {"__init__", "lessons", "__main__"}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module] if node.module != "workbench" else [f"workbench.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("workbench.")}
    return found


def test_every_module_stands_in_a_room_of_the_plan() -> None:
    assert {room(path) for path in PACKAGE.rglob("*.py")} <= LEVEL.keys() | FRONT_DOOR


def test_imports_go_down_only() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {other}"
        for path in PACKAGE.rglob("*.py")
        if room(path) not in FRONT_DOOR
        for other in imported_rooms(path) & LEVEL.keys()
        if other != room(path)
        and LEVEL[other] <= LEVEL[room(path)]
        and not (room(path) == "cli" and other == "notebooks")
    ]

    assert wrong == []


def test_no_module_is_called_utils_or_is_longer_than_400_lines() -> None:
    assert [path.name for path in PACKAGE.rglob("*.py") if path.stem in ("utils", "util", "helpers", "misc")] == []
    assert [path.name for path in PACKAGE.rglob("*.py") if len(path.read_text().splitlines()) > 400] == []


def test_nothing_of_the_messaging_domain_is_in_the_package() -> None:
    words = ("cruddur", "message_group", "andrewbrown", "bayko")
    wrong = [
        f"{path.relative_to(PACKAGE)}: {word}"
        for path in PACKAGE.rglob("*.py")
        for word in words
        if word in code_without_docstrings(path)
    ]

    assert wrong == []


def code_without_docstrings(path: Path) -> str:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value.value = ""
    return ast.unparse(tree)


def test_importing_the_workbench_loads_nothing_that_only_some_commands_need() -> None:
    heavy = ("moto", "papermill", "jgo", "jpype", "pyarrow", "nbconvert", "nbclient", "jupyterlab", "playwright")
    code = "import sys, workbench; print(' '.join(sorted({m.split('.')[0] for m in sys.modules})))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()

    assert sorted(set(heavy) & set(loaded)) == []


def test_only_the_show_room_knows_jupyter() -> None:
    wrong = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if room(path) not in ("show", "notebooks", "cli")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and (getattr(node, "module", None) or node.names[0].name).split(".")[0]
        in ("IPython", "ipykernel", "vl_convert")
    ]

    assert wrong == []
