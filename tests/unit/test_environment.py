"""The three lists of packages say the same, and none of them names an address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
REQUIREMENT = re.compile(r"([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?>=([0-9.]+)")


def lower_bounds(lines: list[str]) -> dict[str, str]:
    return {match[1].lower(): match[2] for line in lines if (match := REQUIREMENT.fullmatch(line))}


def environment() -> tuple[list[str], list[str]]:
    entries = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip = next(entry["pip"] for entry in entries if isinstance(entry, dict))
    return [entry for entry in entries if isinstance(entry, str)], pip


def test_environment_yml_names_every_runtime_package_with_the_bound_of_pyproject() -> None:
    conda, pip = environment()

    assert lower_bounds(PROJECT["dependencies"]).items() <= lower_bounds(conda + pip).items()
    assert len(lower_bounds(PROJECT["dependencies"])) == len(PROJECT["dependencies"])


def test_environment_yml_names_nothing_that_pyproject_does_not() -> None:
    conda, pip = environment()
    declared = lower_bounds(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"])

    assert set(lower_bounds(conda + pip)) - set(declared) == {"python"}


def test_environment_yml_takes_conda_forge_only_and_lists_pip() -> None:
    conda, _ = environment()

    assert yaml.safe_load((ROOT / "environment.yml").read_text())["channels"] == ["conda-forge", "nodefaults"]
    assert "pip" in conda


def test_the_lock_pins_every_package_of_pyproject_exactly() -> None:
    pins = {
        line.split("==")[0].split("[")[0].lower().replace("_", "-")
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if "==" in line and not line.lstrip().startswith("#")
    }
    wanted = lower_bounds(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"])

    assert {name.replace("_", "-") for name in wanted} <= pins


def test_no_list_of_packages_holds_an_address() -> None:
    for name in ("requirements.lock", "environment.yml", "pyproject.toml", "workbench/engines/dynamodb-local.lock"):
        assert "://" not in (ROOT / name).read_text(), name
