"""A model written in other forms: IAM policies for the roles that use its tables."""

from workbench.formats.iam import ROLES, iam_policy

__all__ = ["ROLES", "iam_policy"]
