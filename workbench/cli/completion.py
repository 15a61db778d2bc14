"""``workbench completion``: the script that makes a shell complete commands, models, patterns and engines."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

__all__ = ["completion"]


@click.command(short_help="Print the completion script for a shell.")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print the completion script for a shell.

    \b
    Example:
      eval "$(workbench completion bash)"
      workbench completion fish > ~/.config/fish/completions/workbench.fish
    """
    from workbench.cli.root import root

    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(root, {}, "workbench", "_WORKBENCH_COMPLETE").source())
