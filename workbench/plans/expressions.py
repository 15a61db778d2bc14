"""The parser: text of a ``filter``, ``condition``, ``set`` or ``projection`` -> the tree of syntax.py.

The grammar is AWS's (developer guide, "Expressions"), with values in place of ``:placeholders``. Keywords may be in
any case, functions are in lower case. NOT binds tighter than AND, AND tighter than OR.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from workbench.errors import KeyTemplateError, ModelError, did_you_mean
from workbench.model import KeyTemplate
from workbench.plans.syntax import (
    Arithmetic,
    Between,
    Call,
    Change,
    Clause,
    Comparison,
    Condition,
    Junction,
    Membership,
    Negation,
    Operand,
    Path,
    Update,
    Value,
)
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
MOST_OPTIONS = 100
CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")
_COMPARATORS = ("=", "<>", "<", "<=", ">", ">=")
_KEYWORDS = ("AND", "OR", "NOT", "BETWEEN", "IN")
_LITERALS: dict[str, Any] = {"true": True, "false": False, "null": None}


@lru_cache(maxsize=1024)
def parse_condition(text: str, place: str = "") -> Condition:
    """Return the tree of a filter or condition; ModelError shows a mistake with its place and a caret."""
    return _Parser(text, place).whole_condition()


@lru_cache(maxsize=1024)
def parse_update(text: str, place: str = "") -> Update:
    """Return the tree of an update expression; ModelError shows a mistake with its place and a caret."""
    return _Parser(text, place).whole_update()


@lru_cache(maxsize=1024)
def parse_path(text: str, place: str = "") -> Path:
    """Return the path that a projection names; an odd name needs no backticks unless it has a dot or bracket."""
    if text.strip() and not re.search(r"[.\[\]`]", text):
        return Path((text,))
    return _Parser(text, place).whole_path()


class _Parser:
    """Recursive descent over the tokens of one expression; ``functions`` are those allowed for operands."""

    def __init__(self, text: str, place: str) -> None:
        self.text, self.place = text, place
        self.tokens = tokenise(text, place=place)
        self.next = 0
        self.functions = SIZE
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

    # conditions

    def whole_condition(self) -> Condition:
        condition = self.disjunction()
        self.end("join conditions with AND or OR; write a name with odd characters in backticks")
        return condition

    def disjunction(self) -> Condition:
        parts = [self.conjunction()]
        while self.accept_word("OR"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else Junction("OR", tuple(parts))

    def conjunction(self) -> Condition:
        parts = [self.negation()]
        while self.accept_word("AND"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else Junction("AND", tuple(parts))

    def negation(self) -> Condition:
        if self.accept_word("NOT"):
            return Negation(self.negation())
        if self.accept("("):
            condition = self.disjunction()
            self.expect(")", "the condition in parentheses")
            return condition
        return self.comparison()

    def comparison(self) -> Condition:
        start = self.token.at
        left = self.operand(CONDITIONS | SIZE)
        if isinstance(left, Call) and left.name in CONDITIONS:
            return left
        if self.is_symbol(*_COMPARATORS):
            return self.distinct(Comparison(self.take().text, left, self.operand(SIZE)), start)
        if self.accept_word("BETWEEN"):
            return self.between(left)
        if self.accept_word("IN"):
            return self.membership(left)
        raise self.wrong(f"a comparison is missing before {self.token.shown}; write =, <>, <, <=, >, >=, BETWEEN or IN")

    def distinct(self, comparison: Comparison, start: int) -> Comparison:
        if comparison.left == comparison.right:
            raise self.wrong(
                "both sides are the same, which DynamoDB refuses; compare with another attribute or value", start
            )
        return comparison

    def between(self, operand: Operand) -> Between:
        low = self.operand(SIZE)
        if not self.accept_word("AND"):
            raise self.wrong(f"AND is missing before {self.token.shown}; write: a BETWEEN {{low}} AND {{high}}")
        return Between(operand, low, self.operand(SIZE))

    def membership(self, operand: Operand) -> Membership:
        start = self.token.at
        self.expect("(", "IN; write: a IN ({x}, {y})")
        options = [self.operand(SIZE)]
        while self.accept(","):
            options.append(self.operand(SIZE))
        self.expect(")", "the values of IN")
        if len(options) > MOST_OPTIONS:
            raise self.wrong(f"IN has {len(options)} values; DynamoDB takes {MOST_OPTIONS} at most", start)
        return Membership(operand, tuple(options))

    # updates

    def whole_update(self) -> Update:
        clauses: list[Clause] = []
        while self.token.kind != "end":
            clauses.append(self.clause({clause.word for clause in clauses}))
        return Update(tuple(clauses))

    def clause(self, seen: set[str]) -> Clause:
        if not self.is_word(*CLAUSES):
            raise self.wrong(f"{self.token.shown} begins no clause of an update; write SET, REMOVE, ADD or DELETE")
        if self.token.text.upper() in seen:
            raise self.wrong(
                f"{self.token.text.upper()} is there twice; put its actions in one clause, with commas between"
            )
        word = cast(Any, self.take().text.upper())
        changes = [self.change(word)]
        while self.accept(","):
            changes.append(self.change(word))
        return Clause(word, tuple(changes))

    def change(self, word: str) -> Change:
        path = self.path()
        if word == "REMOVE":
            return Change(path)
        if word == "SET":
            self.expect("=", "the attribute of a SET")
            return Change(path, self.set_value())
        if self.is_symbol("="):
            raise self.wrong(f"{word} takes no '='; write: {word} {path.attribute} {{value}}")
        return Change(path, self.value())

    def set_value(self) -> Operand | Arithmetic:
        left = self.operand(UPDATES)
        if not self.is_symbol("+", "-"):
            return left
        operator = cast(Any, self.take().text)
        sum_ = Arithmetic(operator, left, self.operand(UPDATES))
        if self.is_symbol("+", "-"):
            raise self.wrong("DynamoDB takes one + or - in an assignment; compute the rest before")
        return sum_

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

    # paths and values

    def whole_path(self) -> Path:
        path = self.path()
        self.end("a projection names one attribute, or a path such as a.b[0]")
        return path

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


def check_overlap(update: Update, keys: tuple[str, ...], *, text: str, place: str) -> ModelError | None:
    """Return the error for an update of a key attribute, or of one place twice; DynamoDB refuses both. Else None."""
    seen: list[Path] = []
    for path in (change.path for clause in update.clauses for change in clause.changes):
        if path.attribute in keys:
            message = f"{path.attribute} is part of the key, which can't be updated; delete the item and put a new one"
            return mistake(message, text=text, at=path.at, place=place)
        if any(_overlap(path, other) for other in seen):
            message = f"{path.attribute} is changed twice at one place; DynamoDB takes one change"
            return mistake(message, text=text, at=path.at, place=place)
        seen.append(path)
    return None


def _overlap(one: Path, other: Path) -> bool:
    shorter = min(len(one.parts), len(other.parts))
    return one.parts[:shorter] == other.parts[:shorter]
