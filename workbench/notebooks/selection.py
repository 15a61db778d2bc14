"""Which notebooks a run means: names, stems, numbers, paths, folders and globs become files in a stable order."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.errors import UnknownNameError, did_you_mean

__all__ = ["LESSONS", "default_folder", "find_notebooks"]

LESSONS = Path(__file__).parents[2] / "notebooks"
NUMBERED = "[0-9]*.ipynb"
_MAGIC = re.compile(r"[*?\[]")


def default_folder() -> Path:
    """Return ``notebooks`` of this checkout, or, for an installed package, the folder of that name here."""
    return LESSONS if LESSONS.is_dir() else Path("notebooks").absolute()


def find_notebooks(targets: Sequence[str | Path] = (), folder: Path | None = None) -> tuple[Path, ...]:
    """Return the notebooks that ``targets`` name, absolute, each once, in the order given; a folder's in name order.

    A target is a path, a folder, a glob, or, in ``folder`` (``default_folder()`` unless given), a file name, a stem
    (``00_start_here``) or a number (``00``). Without targets: the numbered notebooks of ``folder``. UnknownNameError
    where a target names none.
    """
    folder = folder or default_folder()
    if not targets:
        found = sorted(folder.glob(NUMBERED))
        if not found:
            raise UnknownNameError(f"{folder} holds no notebook named {NUMBERED}; name the notebooks to run.")
        return tuple(path.absolute() for path in found)
    return tuple(dict.fromkeys(path.absolute() for target in targets for path in _named(target, folder)))


def _named(target: str | Path, folder: Path) -> list[Path]:
    for path in (Path(target).expanduser(), folder / target):
        if path.is_dir():
            return _of_folder(path)
        if path.suffix == ".ipynb" and path.is_file():
            return [path]
    name = str(target)
    if _MAGIC.search(name):
        return _of_glob(name, folder)
    return _of_name(name, folder)


def _of_folder(path: Path) -> list[Path]:
    found = sorted(each for each in path.glob("*.ipynb") if not each.name.startswith((".", "_")))
    if not found:
        raise UnknownNameError(f"The folder {path} holds no notebook. Name a folder with .ipynb files in it.")
    return found


def _of_glob(pattern: str, folder: Path) -> list[Path]:
    for text in (str(Path(pattern).expanduser()), str(Path(glob.escape(str(folder))) / pattern)):
        found = [Path(each) for each in sorted(glob.glob(text, recursive=True)) if each.endswith(".ipynb")]
        if found:
            return found
    raise UnknownNameError(f"No notebook matches {pattern!r}, here or in {folder}. {did_you_mean('', _names(folder))}")


def _of_name(name: str, folder: Path) -> list[Path]:
    stem = name.removesuffix(".ipynb")
    known = list(_candidates(folder))
    exact = [path for path in known if path.stem == stem]
    numbered = [path for path in known if name.isdigit() and path.stem.split("_")[0] == name]
    if found := exact or numbered:
        return found
    raise UnknownNameError(f"There is no notebook {name!r}. {did_you_mean(stem, _names(folder))}")


def _candidates(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.glob("*.ipynb")) if not path.name.startswith("."))


def _names(folder: Path) -> list[str]:
    return [path.stem for path in _candidates(folder)]
