"""An engine that is not the usual one is named once: by what is printed, or by a remark where nothing else says it."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from workbench.checks import Report
from workbench.cli import opening
from workbench.cli.root import root

SMALL = str(Path(__file__).parents[1] / "models" / "small")
TITLE = "moto: FALLBACK, DynamoDB Local could not be used"


@pytest.fixture
def fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = SimpleNamespace(title=TITLE, name="moto", fallback_reason="no Java", is_near=True)
    bench = SimpleNamespace(engine=engine, store=SimpleNamespace(isolated=True), fresh=None)

    @contextmanager
    def fresh_bench(_model: Any, name: str, **options: Any) -> Any:
        opening._open_engine(name, {}, **options)
        yield bench

    monkeypatch.setattr("workbench.engines.open_engine", lambda *_, **__: engine)
    monkeypatch.setattr("workbench.cli.opening.fresh_bench", fresh_bench)
    monkeypatch.setattr(
        "workbench.checks.check_model", lambda model, *_, engine="", **__: Report(model.name, engine, ())
    )


@pytest.mark.usefixtures("fallback")
def test_check_names_a_fallback_once_at_the_head_of_its_report() -> None:
    result = CliRunner().invoke(root, ["check", SMALL])

    assert result.stdout.startswith(f"small on {TITLE}\n")
    assert TITLE not in result.stderr


@pytest.mark.usefixtures("fallback")
def test_check_for_machines_tells_people_of_a_fallback_beside_the_json() -> None:
    result = CliRunner().invoke(root, ["check", SMALL, "--json"])

    assert f'"engine": "{TITLE}"' in result.stdout
    assert result.stderr == f"{TITLE}\n"


@pytest.mark.usefixtures("fallback")
def test_commands_that_print_no_head_remark_the_fallback(capsys: pytest.CaptureFixture[str]) -> None:
    opening._open_engine("auto", {})

    assert capsys.readouterr().err == f"{TITLE}\n"
