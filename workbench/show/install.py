"""Attach the workbench's HTML to IPython's display, where one runs."""

from __future__ import annotations


def install() -> None:
    """Register formatters with the running IPython; without one, do nothing."""
