"""Makes key conditions of their documents, by DynamoDB's rules for keys of one and of several attributes."""

from __future__ import annotations

from workbench.errors import did_you_mean
from workbench.model.keys import KeyTemplate
from workbench.model.loading.lines import Path
from workbench.model.loading.names import Names
from workbench.model.loading.pattern_document import OPERATORS, ComparisonDoc, KeyDoc
from workbench.model.loading.problems import Problems
from workbench.model.loading.templates import check_field_types, check_key_type, read_template
from workbench.model.patterns import KeyCondition, SortCondition, SortOperator
from workbench.model.tables import KeyAttribute, KeySchema


def read_key(
    doc: KeyDoc, schema: KeySchema, owner: str, names: Names, path: Path, problems: Problems, *, whole: bool
) -> KeyCondition:
    """Return the key condition on a table or index; ``whole`` asks for equality on every attribute, as GetItem does."""
    reader = _Reader(schema, owner, names, problems)
    partition = reader.partition(doc, (*path, "partition"))
    sort = reader.sort(doc, (*path, "sort"))
    if whole and len(sort) < len(schema.sort):
        missing = schema.sort[len(sort)].name
        problems.add(path, f"GetItem needs the whole key; add sort: a template for {missing!r}")
    for condition in sort if whole else ():
        if condition.operator != "equals":
            problems.add((*path, "sort"), f"GetItem needs one key, not {condition.operator}; use Query")
    return KeyCondition(partition, sort)


class _Reader:
    def __init__(self, schema: KeySchema, owner: str, names: Names, problems: Problems) -> None:
        self.schema, self.owner, self.names, self.problems = schema, owner, names, problems

    def partition(self, doc: KeyDoc, path: Path) -> dict[str, KeyTemplate]:
        attributes = {each.name: each for each in self.schema.partition}
        if isinstance(doc.partition, str):
            if len(attributes) > 1:
                self._add(path, f"{self.owner} has {len(attributes)} partition attributes; write {_forms(attributes)}")
            return self._templates({next(iter(attributes)): doc.partition}, attributes, path, named=False)
        for name in attributes:
            if name not in doc.partition:
                self._add(
                    path, f"a value for {name!r} is missing; {self.owner} needs equality on {_listed(attributes)}"
                )
        return self._templates(doc.partition, attributes, path, named=True)

    def _templates(
        self, texts: dict[str, str], attributes: dict[str, KeyAttribute], path: Path, *, named: bool
    ) -> dict[str, KeyTemplate]:
        found: dict[str, KeyTemplate] = {}
        for name, text in texts.items():
            here = (*path, name) if named else path
            if name not in attributes:
                self.problems.unknown(here, "partition attribute", name, attributes, at_key=True)
            elif (template := self._template(text, attributes[name], here)) is not None:
                found[name] = template
        return {name: found[name] for name in attributes if name in found}

    def sort(self, doc: KeyDoc, path: Path) -> tuple[SortCondition, ...]:
        attributes = {each.name: each for each in self.schema.sort}
        if doc.sort is None:
            return ()
        if not attributes:
            self._add(path, f"{self.owner} has no sort key, so there is nothing to put a condition on")
            return ()
        if not isinstance(doc.sort, dict):
            if len(attributes) > 1:
                self._add(path, f"{self.owner} has {len(attributes)} sort attributes; write {_forms(attributes)}")
            condition = self._condition(next(iter(attributes.values())), doc.sort, path)
            return (condition,) if condition else ()
        self._check_order(list(doc.sort), attributes, path)
        found = {
            name: self._condition(attributes[name], form, (*path, name))
            for name, form in doc.sort.items()
            if name in attributes
        }
        conditions = tuple(condition for name in attributes if (condition := found.get(name)) is not None)
        for condition in conditions[:-1]:
            if condition.operator != "equals":
                where = (*path, condition.attribute)
                self._add(where, f"only the last sort attribute may have {condition.operator}; use equals here")
        return conditions

    def _check_order(self, named: list[str], attributes: dict[str, KeyAttribute], path: Path) -> None:
        for name in named:
            if name not in attributes:
                known = [*attributes, *OPERATORS]
                message = f"{name!r} is no sort attribute of {self.owner} and no operator. {did_you_mean(name, known)}"
                self.problems.add((*path, name), message, at_key=True)
        order = list(attributes)
        used = [name for name in order if name in named]
        if used != order[: len(used)]:
            gap = next(name for name in order if name not in named)
            self._add(
                path, f"sort attributes are used from left to right without a gap; {gap!r} comes before {used[-1]!r}"
            )

    def _condition(self, attribute: KeyAttribute, form: str | ComparisonDoc, path: Path) -> SortCondition | None:
        if isinstance(form, str):
            template = self._template(form, attribute, path)
            return SortCondition(attribute.name, "equals", (template,)) if template else None
        given: dict[SortOperator, str | list[str]] = {
            name: value for name in OPERATORS if (value := getattr(form, name)) is not None
        }
        if len(given) != 1:
            self._add(path, f"one condition an attribute, not {len(given)}; use between for two ends")
            return None
        operator, value = next(iter(given.items()))
        if operator == "begins_with" and attribute.type == "N":
            self._add(path, f"begins_with works on text and binary, and {attribute.name!r} is a number; use between")
        where: Path = (*path, operator)
        texts = [(where, value)] if isinstance(value, str) else [((*where, at), text) for at, text in enumerate(value)]
        templates = [self._template(text, attribute, at) for at, text in texts]
        read = tuple(template for template in templates if template is not None)
        return SortCondition(attribute.name, operator, read) if len(read) == len(texts) else None

    def _template(self, text: str, attribute: KeyAttribute, path: Path) -> KeyTemplate | None:
        template = read_template(text, path, self.problems)
        if template is not None:
            self.names.check(template.fields, path, self.problems)
            check_key_type(template, attribute, self.names.types, path, self.problems)
            check_field_types(template, self.names.types, path, self.problems)
        return template

    def _add(self, path: Path, message: str) -> None:
        self.problems.add(path, message)


def _forms(attributes: dict[str, KeyAttribute]) -> str:
    return "{" + ", ".join(f"{name}: ..." for name in attributes) + "}"


def _listed(attributes: dict[str, KeyAttribute]) -> str:
    return ", ".join(repr(name) for name in attributes)
