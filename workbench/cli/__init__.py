"""The command line: one module a group of commands, every command with an example in its help."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``workbench`` with the given arguments, or those of the process. Ends the process with the exit code."""
    from workbench.cli.root import root

    root.main(None if arguments is None else list(arguments), prog_name="workbench")
    return 0
