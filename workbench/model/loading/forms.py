"""What every part of the grammar is made of: strict parts, shorthand forms, templates, units and files."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)


class Part(BaseModel):
    """Base of every part: strict types, no unknown keys."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _name_unknown_keys(cls, value: Any, info: ValidationInfo) -> Any:
        """Hand unknown keys to the reader that asked, which knows their lines, and go on without them."""
        known = [field.alias or name for name, field in cls.model_fields.items()]
        if info.context is None or not isinstance(value, dict) or all(key in known for key in value):
            return value
        note: Callable[[dict[str, Any], list[str]], None] = info.context
        note(value, known)
        return {key: inner for key, inner in value.items() if key in known}


def by_type(**tags: str) -> Discriminator:
    """Return the chooser of a shorthand form: by the type of what is written. Tags begin with '=', as no key does."""

    def choose(value: Any) -> str | None:
        kind = {str: "text", dict: "map", list: "list"}
        for type_, name in kind.items():
            if isinstance(value, type_) and name in tags:
                return f"={name}"
        return "=map" if isinstance(value, BaseModel) else None

    words = " or ".join(tags.values())
    return Discriminator(choose, custom_error_type="wrong_form", custom_error_message=f"write {words}")


def as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | Decimal) else value


def _as_decimal(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


Template = Annotated[
    str,
    BeforeValidator(as_text),
    WithJsonSchema({"type": ["string", "number", "boolean"], "description": "a template: text with {fields}"}),
]
Units = Annotated[Decimal, BeforeValidator(_as_decimal), Field(ge=0), WithJsonSchema({"type": "number", "minimum": 0})]
Count = Annotated[int, Field(ge=0)]
OneOrMore = Annotated[int, Field(ge=1)]
File = Annotated[str, Field(description="a file beside the model file", min_length=1)]
