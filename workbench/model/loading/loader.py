"""``load_model``: from a name or a path to a frozen Model."""

from __future__ import annotations

import os

from workbench.errors import ModelError, Problem
from workbench.model.loading.paths import model_file, shown
from workbench.model.model import Model


def load_model(name_or_path: str | os.PathLike[str]) -> Model:
    """Return the model of a name under data/models, of a folder that holds a model.yaml, or of a YAML file.

    Raises UnknownNameError when there is no such file, and ModelError with every mistake, in the order of the file.
    """
    from workbench.model.loading.assembling import assemble  # pydantic and yaml are imported when a model is read

    path = model_file(name_or_path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError([Problem(f"cannot be read as UTF-8 text: {error}", file=shown(path))]) from None
    return assemble(text, path.resolve(), shown(path))
