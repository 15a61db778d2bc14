"""The report of a check: one entry an example, the coverage, and its text, JSON and JUnit XML forms."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from workbench.checks.figures import as_json
from workbench.checks.verdicts import Status, Verdict, status_of
from workbench.checks.words import plural
from workbench.items import amount_text

if TYPE_CHECKING:
    from workbench.items import Units

_UNPROVED = "nothing is declared and there is no oracle, so nothing was proved; add `expect:` or `oracle:`"
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class ExampleReport:
    """One example: its verdicts, and what the answer was and cost. Figures are None where the run failed,
    and ``pages`` for an operation without pages.

    ``computed`` and ``reported`` are the capacity units from bytes and the engine's own. ``oracle`` is agrees, differs,
    failed, none (the pattern has none) or not comparable. ``difference`` is between the two in words, and ``defect``
    says that a known mistake of the engine explains it.
    """

    pattern: str
    example: str
    verdicts: tuple[Verdict, ...]
    rows: int | None = None
    pages: int | None = None
    items_read: int | None = None
    items_returned: int | None = None
    bytes_read: int | None = None
    computed: Units | None = None
    reported: Units | None = None
    oracle: str = "none"
    oracle_rows: int | None = None
    error: str | None = None
    difference: str | None = None
    defect: bool = False
    notes: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """Ok, failed, or unproved: no expectation and no oracle stood behind the answer."""
        return status_of(self.verdicts)

    @property
    def ok(self) -> bool:
        """Whether every verdict is good and something was proved."""
        return self.status == "ok"

    @property
    def failures(self) -> list[str]:
        """What is wrong, one text each; empty where the example is ok."""
        if self.status == "unproved":
            return [_UNPROVED]
        return [str(verdict) for verdict in self.verdicts if not verdict.ok]

    def summary(self) -> str:
        """Return rows, units and the oracle's word in one line: ``20 rows, 1.0 RCU (engine: 1.0), SQL agrees``."""
        parts = [] if self.rows is None else [plural(self.rows, "row")]
        if self.error is not None:
            parts.append(f"error {self.error}")
        parts += _units_words(self)
        if self.oracle != "none":
            parts.append(f"SQL {self.oracle}")
        return ", ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Return the entry for machines, keys in a stable order."""
        return {
            "pattern": self.pattern,
            "example": self.example,
            "status": self.status,
            "rows": self.rows,
            "pages": self.pages,
            "items_read": self.items_read,
            "items_returned": self.items_returned,
            "bytes_read": self.bytes_read,
            "units": {"computed": as_json(self.computed), "engine": as_json(self.reported)},
            "difference": self.difference,
            "oracle": {"verdict": self.oracle, "rows": self.oracle_rows},
            "error": self.error,
            "failures": self.failures,
            "verdicts": [_verdict_dict(verdict) for verdict in self.verdicts],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Report:
    """Every verdict on a model. Holds no time and no address: the same model gives the same report."""

    model: str
    engine: str
    examples: tuple[ExampleReport, ...]
    coverage: tuple[Verdict, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every example is proved and every pattern has one. An empty report is not."""
        proved = all(example.ok for example in self.examples) and all(verdict.ok for verdict in self.coverage)
        return proved and bool(self.examples)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Every verdict: the examples' in the order of the file, then the coverage."""
        return tuple(verdict for example in self.examples for verdict in example.verdicts) + self.coverage

    @property
    def counts(self) -> dict[str, int]:
        """How many examples are ok, failed and unproved, and how many patterns have no example."""
        found = Counter(example.status for example in self.examples)
        uncovered = sum(not verdict.ok for verdict in self.coverage)
        return {"ok": found["ok"], "failed": found["failed"], "unproved": found["unproved"], "uncovered": uncovered}

    def text(self) -> str:
        """Return the report for a terminal: a line an example, what is wrong below it, a summary last."""
        width = max((len(f"{each.pattern} / {each.example}") for each in self.examples), default=0)
        lines = [f"{self.model} on {self.engine}" if self.engine else self.model]
        for example in self.examples:
            name = f"{example.pattern} / {example.example}".ljust(width)
            lines.append(f"  {_MARK[example.status]} {name}  {example.summary()}".rstrip())
            lines += [f"      {line}" for failure in example.failures for line in failure.splitlines()]
        lines += [f"  {_MARK['failed']} {verdict.pattern}: {verdict}" for verdict in self.coverage if not verdict.ok]
        return "\n".join([*lines, self.summary()])

    def summary(self) -> str:
        """Return the counts in words: ``24 examples ok, 1 failed, 1 pattern without examples``."""
        counts = self.counts
        parts = [f"{plural(counts['ok'], 'example')} ok"]
        parts += [f"{counts[name]} {name}" for name in ("failed", "unproved") if counts[name]]
        if counts["uncovered"]:
            parts.append(f"{plural(counts['uncovered'], 'pattern')} without examples")
        return ", ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Return the report for machines, keys in a stable order."""
        return {
            "model": self.model,
            "engine": self.engine,
            "ok": self.ok,
            "counts": self.counts,
            "examples": [example.as_dict() for example in self.examples],
            "coverage": [_verdict_dict(verdict) for verdict in self.coverage],
        }

    def to_json(self) -> str:
        """Return the report as JSON text, indented, keys in a stable order."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False)

    def to_junit(self) -> str:
        """Return the report as JUnit XML: a suite a pattern, a case an example, a failure for all that is wrong."""
        root = Element("testsuites", name=self.model)
        missing = {verdict.pattern: verdict for verdict in self.coverage if not verdict.ok}
        names = dict.fromkeys([*(example.pattern for example in self.examples), *missing])
        for name in names:
            cases = [(example.example, example.failures) for example in self.examples if example.pattern == name]
            cases += [("coverage", [str(missing[name])])] if name in missing else []
            _suite(root, f"{self.model}.{name}", cases)
        indent(root)
        return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"

    def __repr__(self) -> str:
        return self.text()


_MARK = {"ok": "ok      ", "failed": "FAILED  ", "unproved": "UNPROVED"}


def _suite(root: Element, name: str, cases: list[tuple[str, list[str]]]) -> None:
    failed = sum(bool(failures) for _, failures in cases)
    suite = SubElement(
        root, "testsuite", name=name, tests=str(len(cases)), failures=str(failed), errors="0", skipped="0"
    )
    for case, failures in cases:
        element = SubElement(suite, "testcase", classname=name, name=_xml(case))
        if failures:
            text = _xml("\n".join(failures))
            SubElement(element, "failure", message=text.splitlines()[0], type="CheckError").text = text


def _xml(text: str) -> str:
    """Return text without the characters that XML cannot hold; a stored key may have any."""
    return _NOT_XML.sub("\ufffd", text)


def _verdict_dict(verdict: Verdict) -> dict[str, Any]:
    return {
        "kind": verdict.kind,
        "subject": verdict.subject,
        "ok": verdict.ok,
        "message": verdict.message,
        "cause": verdict.cause,
        **({"pattern": verdict.pattern} if verdict.kind == "coverage" else {}),
    }


def _units_words(entry: ExampleReport) -> list[str]:
    """Return the units in words: ``1.0 RCU (engine: 1.0)``, for reads and writes where there are any."""
    remark = "" if entry.difference is None else ", a known defect" if entry.defect else ", DIFFERS"
    words = []
    for part, unit in (("read", "RCU"), ("write", "WCU")):
        ours = getattr(entry.computed, part, None)
        theirs = getattr(entry.reported, part, None)
        if ours:
            engine = "" if theirs is None else f" (engine: {amount_text(theirs)}{remark})"
            words.append(f"{amount_text(ours)} {unit}{engine}")
        elif theirs:
            words.append(f"{amount_text(theirs)} {unit} by the engine")
    return words
