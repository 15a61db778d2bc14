"""The handlers of pattern E, from the files in which a user finds them: nothing of them is in the package."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

HANDLERS = Path(__file__).parents[1] / "data" / "models" / "messaging" / "handlers"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"of_tests_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


ours = load(HANDLERS / "keep_inbox_fresh.py")
famous = load(HANDLERS / "keep_inbox_fresh_famous.py")
rehearsal = load(HANDLERS / "rehearsal.py")
