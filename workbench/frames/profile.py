"""What a column holds, and the dtype that follows from it: one rule, whatever way the values came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from workbench.frames.digits import Digits

__all__ = ["Form", "Profile", "form_of"]

Form = Literal["str", "Int64", "boolean", "object"]
_WITHOUT_VALUES: dict[str, Form] = {
    "string": "str",
    "uuid": "str",
    "timestamp": "str",
    "date": "str",
    "integer": "Int64",
    "boolean": "boolean",
}


@dataclass(frozen=True)
class Profile:
    """The type tags that occur in a column, over all its pages, and what its numbers need."""

    tags: frozenset[str] = frozenset()
    digits: Digits = field(default_factory=Digits)

    def __or__(self, other: Profile) -> Profile:
        return Profile(self.tags | other.tags, self.digits | other.digits)

    @property
    def tag(self) -> str | None:
        """The one type tag of the column, None where it has several, or no value at all."""
        return next(iter(self.tags)) if len(self.tags) == 1 else None


def form_of(profile: Profile, declared: str = "any") -> Form:
    """Return the dtype in which a frame holds such a column exactly; ``declared`` is the model's value type.

    The declaration settles a column without values, and numbers that are whole by chance. Fractions are Python's
    ``Decimal`` and not Arrow's type, of which a mean is rounded to the column's digits without a word.
    """
    if not profile.tags:
        return _WITHOUT_VALUES.get(declared, "object")
    match profile.tag:
        case "S":
            return "str"
        case "BOOL":
            return "boolean"
        case "N" if profile.digits.whole and declared != "number":
            return "Int64"
    return "object"
