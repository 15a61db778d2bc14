"""What an expression says, as a tree, and the one renderer that writes it with placeholders or in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal, Protocol, TypeAlias

from workbench.model import KeyTemplate


@dataclass(frozen=True)
class Path:
    """An attribute, or a place inside one: ``profile.names[0]`` has the parts ``"profile", "names", 0``."""

    parts: tuple[str | int, ...]
    at: int = field(default=0, compare=False)

    @property
    def attribute(self) -> str:
        """The name of the top-level attribute."""
        return str(self.parts[0])


@dataclass(frozen=True)
class Value:
    """A value: a template, a literal, or a list of values; ``source`` is how the model writes it."""

    source: str
    template: KeyTemplate | None = None
    literal: Any = None
    members: tuple[Value, ...] | None = None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Call:
    """A function and its arguments."""

    name: str
    arguments: tuple[Operand, ...]


@dataclass(frozen=True)
class Arithmetic:
    """A sum or a difference in a SET."""

    operator: Literal["+", "-"]
    left: Operand
    right: Operand


@dataclass(frozen=True)
class Comparison:
    """Two operands compared."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True)
class Between:
    """An operand between two others, both included."""

    operand: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True)
class Membership:
    """An operand that is one of several."""

    operand: Operand
    options: tuple[Operand, ...]


@dataclass(frozen=True)
class Negation:
    """A condition that must not hold."""

    condition: Condition


@dataclass(frozen=True)
class Junction:
    """Conditions joined by AND, or by OR."""

    word: Literal["AND", "OR"]
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Change:
    """One action of an update clause; REMOVE has no value."""

    path: Path
    value: Operand | Arithmetic | None = None


@dataclass(frozen=True)
class Clause:
    """One clause of an update: its word and its actions in order."""

    word: Literal["SET", "REMOVE", "ADD", "DELETE"]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Update:
    """An update expression: its clauses in order."""

    clauses: tuple[Clause, ...]


Operand: TypeAlias = Path | Value | Call
Condition: TypeAlias = Comparison | Between | Membership | Call | Negation | Junction
Node: TypeAlias = Operand | Condition | Arithmetic | Change | Clause | Update


class Writer(Protocol):
    """Says how attribute names and values are written: as placeholders for a request, or in words."""

    def name(self, name: str) -> str:
        """Return what stands for one attribute name."""
        ...

    def value(self, value: Value) -> str:
        """Return what stands for one value."""
        ...


def write(node: Node, writer: Writer) -> str:
    """Return the expression as text, with no parentheses but those that it needs (AWS refuses redundant ones)."""
    match node:
        case Path():
            return _path(node, writer)
        case Value():
            return writer.value(node)
        case Call(name, arguments):
            return f"{name}({', '.join(write(each, writer) for each in arguments)})"
        case Arithmetic(operator, left, right) | Comparison(operator, left, right):
            return f"{write(left, writer)} {operator} {write(right, writer)}"
        case Between(operand, low, high):
            return f"{write(operand, writer)} BETWEEN {write(low, writer)} AND {write(high, writer)}"
        case Membership(operand, options):
            return f"{write(operand, writer)} IN ({', '.join(write(each, writer) for each in options)})"
        case Negation(condition):
            return f"NOT {_within(condition, writer, (Junction,))}"
        case Junction(word, parts):
            return f" {word} ".join(_joined(part, word, writer) for part in parts)
        case Change(path, value):
            return write(path, writer) if value is None else f"{write(path, writer)} {write(value, writer)}"
        case Clause(word, changes):
            return f"{word} {', '.join(_change(change, word, writer) for change in changes)}"
        case Update(clauses):
            return " ".join(write(clause, writer) for clause in clauses)


def walk(node: object) -> Iterator[Node]:
    """Yield a node and everything below it, in the order of the text."""
    if is_dataclass(node) and not isinstance(node, KeyTemplate):
        yield node  # type: ignore[misc]
        for each in fields(node):
            yield from walk(getattr(node, each.name))
    elif isinstance(node, tuple):
        for each in node:
            yield from walk(each)


def paths(node: Node) -> list[Path]:
    """Return every path of an expression, in the order of the text."""
    return [each for each in walk(node) if isinstance(each, Path)]


def values(node: Node) -> list[Value]:
    """Return every value of an expression, in the order of the text."""
    return [each for each in walk(node) if isinstance(each, Value)]


def _path(path: Path, writer: Writer) -> str:
    first, *others = path.parts
    return writer.name(str(first)) + "".join(
        f"[{part}]" if isinstance(part, int) else f".{writer.name(part)}" for part in others
    )


def _within(condition: Condition, writer: Writer, grouped: tuple[type, ...]) -> str:
    text = write(condition, writer)
    return f"({text})" if isinstance(condition, grouped) else text


def _joined(part: Condition, word: str, writer: Writer) -> str:
    group = isinstance(part, Junction) and word == "AND" and part.word == "OR"
    return f"({write(part, writer)})" if group else write(part, writer)


def _change(change: Change, word: str, writer: Writer) -> str:
    if change.value is None:
        return write(change.path, writer)
    return f"{write(change.path, writer)}{' = ' if word == 'SET' else ' '}{write(change.value, writer)}"
