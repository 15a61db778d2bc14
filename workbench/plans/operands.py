"""Operands of expressions: paths, values and functions, and the reading of tokens that every part needs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from workbench.errors import KeyTemplateError, ModelError, did_you_mean
from workbench.model import KeyTemplate
from workbench.plans.syntax import Call, Operand, Path, Value
from workbench.plans.tokens import Token, mistake, tokenise

CONDITIONS: dict[str, tuple[str, ...]] = {
    "attribute_exists": ("path",),
    "attribute_not_exists": ("path",),
    "attribute_type": ("path", "value"),
    "begins_with": ("path", "operand"),
    "contains": ("operand", "operand"),
}
SIZE: dict[str, tuple[str, ...]] = {"size": ("path",)}
UPDATES: dict[str, tuple[str, ...]] = {"if_not_exists": ("path", "operand"), "list_append": ("operand", "operand")}
TYPE_CODES = ("B", "BOOL", "BS", "L", "M", "N", "NS", "NULL", "S", "SS")
_KEYWORDS = ("AND", "OR", "NOT", "BETWEEN", "IN")
_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}


class OperandParser:
    """Recursive descent over the tokens of one expression, as far as operands."""

    def __init__(self, text: str, place: str) -> None:
        self.text, self.place = text, place
        self.tokens = tokenise(text, place=place)
        self.next = 0
        if self.token.kind == "end":
            raise self.wrong("the expression is empty; leave it out, or write a condition")

    # reading tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def take(self) -> Token:
        token = self.token
        self.next += token.kind != "end"
        return token

    def is_symbol(self, *symbols: str) -> bool:
        return self.token.kind == "symbol" and self.token.text in symbols

    def is_word(self, *words: str) -> bool:
        return self.token.kind == "name" and self.token.text.upper() in words

    def accept(self, symbol: str) -> bool:
        found = self.is_symbol(symbol)
        self.next += found
        return found

    def accept_word(self, word: str) -> bool:
        found = self.is_word(word)
        self.next += found
        return found

    def expect(self, symbol: str, after: str) -> None:
        if not self.accept(symbol):
            raise self.wrong(f"{symbol!r} is missing after {after}, before {self.token.shown}")

    def wrong(self, message: str, at: int | None = None) -> ModelError:
        return mistake(message, text=self.text, at=self.token.at if at is None else at, place=self.place)

    def end(self, meant: str) -> None:
        if self.token.kind != "end":
            raise self.wrong(f"{self.token.shown} is not expected here; {meant}")

    # operands

    def operand(self, functions: dict[str, tuple[str, ...]]) -> Operand:
        following = self.tokens[min(self.next + 1, len(self.tokens) - 1)]
        if self.token.kind == "name" and following.kind == "symbol" and following.text == "(":
            return self.call(functions)
        if self.token.kind == "quoted_name" or (self.token.kind == "name" and self.token.text not in _LITERALS):
            return self.path(keywords=True)
        return self.value()

    def call(self, functions: dict[str, tuple[str, ...]]) -> Call:
        token = self.take()
        if token.text not in functions:
            raise self.wrong(_no_function(token.text, functions), token.at)
        self.take()
        arguments = [self.operand(self.inner(functions))]
        while self.accept(","):
            arguments.append(self.operand(self.inner(functions)))
        self.expect(")", f"the arguments of {token.text}")
        self.check_call(token, functions[token.text], arguments)
        return Call(token.text, tuple(arguments))

    def inner(self, functions: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return UPDATES if functions is UPDATES else SIZE

    def check_call(self, token: Token, signature: tuple[str, ...], arguments: list[Operand]) -> None:
        if len(arguments) != len(signature):
            raise self.wrong(f"{token.text} takes {len(signature)} argument(s): {', '.join(signature)}", token.at)
        for wanted, given in zip(signature, arguments, strict=True):
            if wanted == "path" and not isinstance(given, Path):
                raise self.wrong(f"{token.text} takes an attribute first, not a value", token.at)
            if wanted == "value" and not isinstance(given, Value):
                raise self.wrong(
                    f"{token.text} takes a value second: one of {', '.join(map(repr, TYPE_CODES))}", token.at
                )
            if token.text == "attribute_type" and isinstance(given, Value) and _literal_text(given) is not None:
                self.check_type_code(token, str(_literal_text(given)))

    def check_type_code(self, token: Token, code: str) -> None:
        if code not in TYPE_CODES:
            raise self.wrong(f"attribute_type knows no type {code!r}; write one of {', '.join(TYPE_CODES)}", token.at)

    def path(self, *, keywords: bool = False) -> Path:
        at = self.token.at
        if keywords and self.is_word(*_KEYWORDS):
            raise self.wrong(
                f"{self.token.text!r} is a word of the language; write an attribute of that name in backticks"
            )
        parts: list[str | int] = [self.name("an attribute name")]
        while self.is_symbol(".", "["):
            if self.accept("."):
                parts.append(self.name("a name after the dot"))
            else:
                parts.append(self.position())
        return Path(tuple(parts), at)

    def name(self, wanted: str) -> str:
        if self.token.kind not in ("name", "quoted_name"):
            raise self.wrong(f"{wanted} is missing before {self.token.shown}")
        return self.take().text

    def position(self) -> int:
        self.take()
        if self.token.kind != "number" or not self.token.text.isascii() or not self.token.text.isdigit():
            raise self.wrong("a list position is a whole number: a[0]")
        position = int(self.take().text)
        self.expect("]", "the list position")
        return position

    def value(self) -> Value:
        at = self.token.at
        if self.accept("["):
            return self.list_value(at)
        token = self.take()
        if token.kind == "symbol" and token.text == "-" and self.token.kind == "number":
            number = self.take().text
            return Value(f"-{number}", literal=-Decimal(number), at=at)
        if token.kind == "number":
            return Value(token.text, literal=Decimal(token.text), at=at)
        if token.kind == "name" and token.text in _LITERALS:
            return Value(token.text, literal=_LITERALS[token.text], at=at)
        if token.kind == "text":
            return self.template(token.text, f"'{token.text}'", at)
        if token.kind == "field":
            return self.field(token)
        raise self.wrong(f"an attribute or a value is missing before {token.shown}", at)

    def list_value(self, at: int) -> Value:
        members: list[Value] = []
        while not self.is_symbol("]"):
            members.append(self.value())
            if not self.accept(","):
                break
        self.expect("]", "the members of the list")
        return Value(f"[{', '.join(each.source for each in members)}]", members=tuple(members), at=at)

    def field(self, token: Token) -> Value:
        if not token.text:
            return Value("{}", literal={}, at=token.at)
        return self.template(f"{{{token.text}}}", f"{{{token.text}}}", token.at)

    def template(self, text: str, source: str, at: int) -> Value:
        if text == "":
            return Value(source, literal="", at=at)
        try:
            return Value(source, template=KeyTemplate.of(text), at=at)
        except KeyTemplateError as error:
            raise self.wrong(str(error), at) from None


def _literal_text(value: Value) -> str | None:
    """Return the text of a value that holds no field, else None."""
    if value.template is None or value.template.fields:
        return None
    return str(value.template.render({}))


def _no_function(name: str, functions: dict[str, tuple[str, ...]]) -> str:
    if name in UPDATES:
        return f"{name} is for the SET of an update, not for a condition"
    if name in CONDITIONS and functions is SIZE:
        return f"{name} is a condition by itself; join it with AND, compare nothing with it"
    if name in CONDITIONS or name in SIZE:
        return f"{name} is for conditions, not for an update"
    return f"there is no function {name!r}. {did_you_mean(name, list(functions))}"
