"""Where model files live, and how a name becomes a path."""

from __future__ import annotations

import os
from pathlib import Path

from workbench.errors import UnknownNameError, did_you_mean

FOLDER = Path("data") / "models"
FILE = "model.yaml"


def model_file(name_or_path: str | os.PathLike[str]) -> Path:
    """Return the path of a model file: of a name under data/models, of a folder, or the file itself.

    Names are looked up under ``WORKBENCH_HOME``, the working directory and the folder that holds the package, in this
    order. UnknownNameError names the nearest model.
    """
    text = os.fspath(name_or_path)
    for candidate in _candidates(text):
        if candidate.is_file():
            return candidate
    if _is_path(text) or not isinstance(name_or_path, str):
        path = Path(text)
        what = f"the folder {text} holds no {FILE}" if path.is_dir() else f"there is no model file {text}"
        raise UnknownNameError(f"{what}; give a YAML file, a folder with a {FILE}, or one of: {_known()}")
    raise UnknownNameError(f"there is no model {text!r} under {FOLDER.as_posix()}. {did_you_mean(text, model_names())}")


def model_names() -> list[str]:
    """Return the names of the models that can be opened by name, sorted."""
    files = (file for home in _homes() for file in (home / FOLDER).glob(f"*/{FILE}"))
    return sorted({file.parent.name for file in files})


def shown(path: Path) -> str:
    """Return a path as messages show it: relative to the working directory where it is below it."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


def _candidates(text: str) -> list[Path]:
    as_path = [Path(text), Path(text) / FILE]
    if _is_path(text):
        return as_path
    return [home / FOLDER / text / FILE for home in _homes()] + as_path


def _is_path(text: str) -> bool:
    return "/" in text or os.sep in text or text.endswith((".yaml", ".yml")) or text in ("", ".", "..")


def _homes() -> list[Path]:
    named = os.environ.get("WORKBENCH_HOME")
    package_parent = Path(__file__).resolve().parents[3]
    homes = [Path(named)] if named else []
    return [*homes, Path.cwd(), package_parent]


def _known() -> str:
    return ", ".join(model_names()) or "(no models are installed)"
