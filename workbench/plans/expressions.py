"""The parser: text of a ``filter``, ``condition``, ``set`` or ``projection`` -> the tree of syntax.py.

The grammar is AWS's (developer guide, "Expressions"), with values in place of ``:placeholders``. Keywords may be in
any case, functions are in lower case. NOT binds tighter than AND, AND tighter than OR.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar, cast

from workbench.errors import ModelError
from workbench.plans.operands import CONDITIONS, SIZE, UPDATES, OperandParser
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
)
from workbench.plans.tokens import mistake

MOST_OPTIONS = 100
CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")
T = TypeVar("T")
_COMPARATORS = ("=", "<>", "<", "<=", ">", ">=")


@lru_cache(maxsize=1024)
def parse_condition(text: str, place: str = "") -> Condition:
    """Return the tree of a filter or condition; ModelError shows a mistake with its place and a caret."""
    return _parsed(text, place, lambda parser: parser.whole_condition())


@lru_cache(maxsize=1024)
def parse_update(text: str, place: str = "") -> Update:
    """Return the tree of an update expression; ModelError shows a mistake with its place and a caret."""
    return _parsed(text, place, lambda parser: parser.whole_update())


@lru_cache(maxsize=1024)
def parse_path(text: str, place: str = "") -> Path:
    """Return the path that a projection names; an odd name needs no backticks unless it has a dot or bracket."""
    if text.strip() and not re.search(r"[.\[\]`]", text):
        return Path((text,))
    return _Parser(text, place).whole_path()


def _parsed(text: str, place: str, parse: Callable[[_Parser], T]) -> T:
    try:
        return parse(_Parser(text, place))
    except RecursionError:
        raise mistake("nested too deeply to be read; write it flatter", text=text, at=0, place=place) from None


class _Parser(OperandParser):
    """Recursive descent over the tokens of one expression: conditions, updates, projections."""

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

    def whole_path(self) -> Path:
        path = self.path()
        self.end("a projection names one attribute, or a path such as a.b[0]")
        return path


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
