"""Tokens of DynamoDB expressions as a model writes them, and mistakes shown with a caret.

Beside AWS's own words a model's expression holds ``{parameter}`` and ``{lookup.column}``, ``'text with {fields}'``,
numbers, and attribute names of any kind in backticks (a backtick within is doubled, as is a quote within quotes).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from workbench.errors import ModelError, Problem

TokenKind = Literal["name", "quoted_name", "number", "text", "field", "symbol", "end"]

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<wrong>==|!=|&&|\|\|)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>[^\W\d]\w*)
    |(?P<quoted_name>`(?:[^`]|``)+`)
    |(?P<text>'(?:[^']|'')*')
    |(?P<field>\{[^{}]*\})
    |(?P<symbol><>|<=|>=|[=<>(),.\[\]+-])""",
    re.VERBOSE,
)
_CURES = {
    "==": "DynamoDB compares with a single =",
    "!=": "DynamoDB writes 'is not' as <>",
    "&&": "write AND",
    "||": "write OR",
    "`": "a backtick opens an attribute name here and nothing closes it; write `name`",
    "'": "a quote opens a text here and nothing closes it; write 'text', and '' for a quote inside",
    '"': "a double quote; write 'text' for a value, `name` for an attribute",
    "{": "a brace opens a field here and nothing closes it; write {parameter} or {lookup.column}",
    "}": "a closing brace without its opening one; write {parameter}",
    "#": "placeholders are made for you; write the attribute's own name",
    ":": "placeholders are made for you; write {parameter} where the value goes",
    "*": "DynamoDB only knows + and -, and those in SET",
    "/": "DynamoDB only knows + and -, and those in SET",
    "!": "write NOT, or <> for 'is not'",
}


@dataclass(frozen=True)
class Token:
    """One token: ``text`` is without backticks, quotes or braces; ``at`` counts characters from 0."""

    kind: TokenKind
    text: str
    at: int

    @property
    def shown(self) -> str:
        """The token as an error message shows it."""
        return "the end" if self.kind == "end" else repr(self.text)


def mistake(message: str, *, text: str, at: int, place: str) -> ModelError:
    """Return the error for a mistake in an expression: the place, the message, and the text with a caret under it."""
    before = text[:at]
    start = before.rfind("\n") + 1
    end = text.find("\n", at)
    line = text[start : end if end >= 0 else len(text)]
    caret = "".join("\t" if character == "\t" else " " for character in text[start:at]) + "^"
    return ModelError([Problem(f"{message} (at character {at + 1})\n    {line}\n    {caret}", place=place)])


def tokenise(text: str, *, place: str) -> tuple[Token, ...]:
    """Return the tokens of an expression, ended by one of kind ``end``; ModelError shows what cannot be read."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup == "wrong":
            raise _unreadable(text, at, match[0] if match else text[at], place)
        if match.lastgroup != "space":
            tokens.append(_token(match, at))
        at = match.end()
    return (*tokens, Token("end", "", len(text)))


def _token(match: re.Match[str], at: int) -> Token:
    found = match[0]
    match match.lastgroup:
        case "quoted_name":
            return Token("quoted_name", found[1:-1].replace("``", "`"), at)
        case "text":
            return Token("text", found[1:-1].replace("''", "'"), at)
        case "field":
            return Token("field", found[1:-1].strip(), at)
        case "number":
            return Token("number", found, at)
        case "name":
            return Token("name", found, at)
        case _:
            return Token("symbol", found, at)


def _unreadable(text: str, at: int, found: str, place: str) -> ModelError:
    cure = _CURES.get(found, "write an attribute name with odd characters in backticks, a text in quotes")
    return mistake(f"{found!r} is no part of an expression: {cure}", text=text, at=at, place=place)
