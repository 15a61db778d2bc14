"""``workbench ddb safety``: whether the tables of a model are safe where they are."""

from __future__ import annotations

import click

from workbench.cli.opening import confirmation, default_engine
from workbench.cli.options import engine_option, json_option, model_argument, the_model
from workbench.cli.output import print_json

__all__ = ["safety"]


@click.command()
@model_argument
@engine_option
@json_option
def safety(model: str, engine: str, as_json: bool) -> int:
    """Say whether the tables of MODEL are safe: protection, recovery, encryption, HTTPS, stream, TTL, billing.

    It only reads: DescribeTable, DescribeContinuousBackups, DescribeTimeToLive. What an engine cannot tell is "not
    known". Exit code 1 when something is wrong, or something of high severity is not known.

    \b
    Example:
      workbench ddb safety messaging --engine aws
    """
    from workbench.checks.safety import check_safety

    design = the_model(model)
    with default_engine(engine, confirmation(engine, write=False, confirm=None)) as (opened, client):
        report = check_safety(client, design, engine=opened.title, is_aws=opened.name == "aws")
    print_json(report.as_dict()) if as_json else click.echo(report.text())
    return 0 if report.ok else 1
