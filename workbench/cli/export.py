"""``workbench export``: a model in another form, such as the IAM policy of a role."""

from __future__ import annotations

import json
from pathlib import Path

import click

from workbench.cli.options import PatternType, existing_folder, model_argument, the_model
from workbench.cli.output import remark
from workbench.errors import UsageError

__all__ = ["export"]

FORMATS = ("iam",)
IAM_ROLES = ("reader", "app", "stream", "seeder")  # see formats.ROLES; a test compares


@click.command(short_help="Write a model in another form: an IAM policy for a role.")
@model_argument
@click.option("--to", "format_", type=click.Choice(FORMATS), required=True, help="The form: iam.")
@click.option("--role", type=click.Choice(IAM_ROLES), help="iam: whose policy; app has every pattern but Scans.")
@click.option(
    "--pattern", "patterns", multiple=True, type=PatternType(), metavar="PATTERN",
    help="iam: these patterns only (stream, seeder: these too). A Scan is granted only so. May be given several times.",
)  # fmt: skip
@click.option(
    "--caller", "callers", multiple=True, metavar="FIELD[=VARIABLE]",
    help="iam: a key's field that is the caller's own identity, and the policy variable that has it.",
)  # fmt: skip
@click.option("--region", metavar="REGION", help="iam: instead of the placeholder ${Region}.")
@click.option("--account", metavar="ACCOUNT", help="iam: the account's 12 digits instead of ${Account}.")
@click.option("--partition", default="aws", show_default=True, metavar="NAME", help="iam: aws, aws-cn, aws-us-gov.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file instead.")
def export(
    model: str,
    format_: str,
    role: str | None,
    patterns: tuple[str, ...],
    callers: tuple[str, ...],
    region: str | None,
    account: str | None,
    partition: str,
    output: Path | None,
) -> None:
    """Write MODEL in another form.

    An IAM policy allows what the role's patterns send, on the tables, indexes, keys and attributes that they name,
    and nothing else; docs/security.md says what a policy cannot express.

    \b
    Example:
      workbench export messaging --to iam --role reader --caller me.user_uuid
      workbench export messaging --to iam --role stream --region eu-central-1 -o stream.json
    """
    from workbench.formats import iam_policy

    design = the_model(model)
    if role is None:
        raise UsageError(f"--to {format_} needs a role: --role {', '.join(IAM_ROLES)}")
    place = {name: value for name, value in (("region", region), ("account", account)) if value is not None}
    document = iam_policy(design, role, patterns=patterns, caller=_callers(callers), partition=partition, **place)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        existing_folder(output).write_text(text, encoding="utf-8")
        remark(f"{output}: the policy of {role}")
    if len(place) < 2:
        left = " and ".join(f"${{{name}}}" for name in ("Region", "Account") if name.lower() not in place)
        remark(f"Put your own in the place of {left}, or give --region and --account.")


def _callers(given: tuple[str, ...]) -> dict[str, str]:
    """Return the policy variable of each field; the identity pool's ``sub`` where none is written."""
    from workbench.formats.leading import IDENTITY

    found: dict[str, str] = {}
    for text in given:
        field, equals, variable = text.partition("=")
        if not field or (equals and not (variable.startswith("${") and variable.endswith("}"))):
            raise UsageError(f"--caller {text}: write FIELD, or FIELD='${{aws:PrincipalTag/user_uuid}}'")
        if field in found:
            raise UsageError(f"--caller {field} is given twice.")
        found[field] = variable or IDENTITY
    return found
