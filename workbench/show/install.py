"""Attach the workbench's forms to IPython's display, where one runs."""

from __future__ import annotations

from typing import Any

from workbench.show.forms import KNOWN, bundle


def install(shell: Any = None) -> bool:
    """Register the forms with ``shell``, or with the IPython that runs; return whether there is one.

    Classes are named, not imported: what a notebook does not use is not loaded. Doing it twice changes nothing.
    """
    shell = shell or _running_shell()
    if shell is None:
        return False
    formatter = shell.display_formatter.mimebundle_formatter
    for module, name in KNOWN:
        formatter.for_type_by_name(module, name, bundle)
    return True


def _running_shell() -> Any:
    from IPython.core.getipython import get_ipython

    return get_ipython()
