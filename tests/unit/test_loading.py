# ruff: noqa: E501 (a table of mistakes reads best with one a line)
"""Loading: a model file becomes frozen data, and every mistake in it is told at once, with its line."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from workbench.errors import ModelError, UnknownNameError
from workbench.model import (
    Billing,
    Budget,
    Index,
    KeyAttribute,
    KeySchema,
    Model,
    Parameter,
    Rate,
    load_model,
    model_names,
)

SMALL = Path(__file__).parents[1] / "models" / "small"
TEXT = (SMALL / "model.yaml").read_text()


def changed(tmp_path: Path, *replacements: tuple[str, str]) -> Path:
    """A copy of the small model with pieces of its text replaced."""
    folder = tmp_path / "small"
    shutil.copytree(SMALL, folder)
    text = TEXT
    for old, new in replacements:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    (folder / "model.yaml").write_text(text)
    return folder / "model.yaml"


def line_of(path: Path, piece: str) -> int:
    return next(number for number, line in enumerate(path.read_text().splitlines(), 1) if piece in line)


def problems_of(path: Path) -> list[tuple[int | None, str]]:
    with pytest.raises(ModelError) as caught:
        load_model(path)
    return [(problem.line, problem.message) for problem in caught.value.problems]


@pytest.fixture(scope="module")
def small() -> Model:
    return load_model(SMALL)


def test_tables_and_indexes_are_read_with_keys_types_and_projection(small: Model) -> None:
    table = small.table("library")

    assert table.keys == KeySchema((KeyAttribute("pk"),), (KeyAttribute("sk"),))
    assert table.billing == Billing("provisioned", 5, 5)
    assert table.stream == "NEW_IMAGE"
    assert table.indexes["by-author"] == Index(
        "by-author",
        KeySchema((KeyAttribute("author"),), (KeyAttribute("year", "N"), KeyAttribute("title"))),
        projection="INCLUDE",
        include=("isbn",),
    )
    assert table.indexes["by-year"].kind == "local"


def test_entities_have_typed_fields_attributes_and_their_sql(small: Model) -> None:
    loan = small.entity("Loan")

    assert {name: template.text for name, template in loan.keys.items()} == {"pk": "READER#{reader}", "sk": "{lent_at}"}
    assert loan.fields == {"reader": "string", "lent_at": "timestamp"}
    assert loan.attributes["days"].required is False
    assert loan.source is not None
    assert loan.source.sql.startswith("SELECT reader")
    assert small.entity("Book").attributes["title"].description == "as printed on the cover"


def test_patterns_have_parameters_lookups_rates_and_budgets(small: Model) -> None:
    pattern = small.pattern("list-shelf")

    assert pattern.limit == "limit"
    assert pattern.parameters["limit"] == Parameter("limit", "integer", False, 3)
    assert pattern.rate == Rate(40.0, 400.0)
    assert pattern.budget == Budget("0.5", None, 1, 3)
    assert pattern.line == line_of(SMALL / "model.yaml", "list-shelf:")
    assert small.pattern("lend-book").lookups["book"].missing == "no book has the isbn {isbn}"
    assert small.pattern("lend-book").parameters["lent_at"].default == "$now"
    assert [action.kind for action in small.pattern("lend-book").actions] == ["put", "update"]


def test_examples_keep_arguments_and_expected_values_canonical(small: Model) -> None:
    example = small.example("lend-book", "first-loan")

    assert example.arguments["lent_at"] == "2026-03-02T09:00:00.000000Z"
    assert example.expect.contains[0]["lent_at"] == "2026-03-02T09:00:00.000000Z"
    assert small.example("list-shelf", "poetry").expect.ordered_by == ("isbn", "ascending")
    assert small.example("list-shelf", "all-poetry").expect.first == {"isbn": "001", "year": 1999}


def test_the_model_is_frozen_and_loading_twice_gives_the_same(small: Model) -> None:
    assert load_model(SMALL / "model.yaml") == small
    with pytest.raises(dataclasses.FrozenInstanceError):
        small.name = "other"  # type: ignore[misc]


def test_a_model_is_found_by_name_in_workbench_home_and_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(SMALL, tmp_path / "data" / "models" / "shelves")
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    assert load_model("shelves").name == "small"
    assert "shelves" in model_names()

    monkeypatch.delenv("WORKBENCH_HOME")
    monkeypatch.chdir(tmp_path)
    assert load_model("shelves").name == "small"


def test_an_unknown_model_name_names_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(SMALL, tmp_path / "data" / "models" / "shelves")
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))

    with pytest.raises(UnknownNameError, match=r"no model 'shelvs'.*Did you mean 'shelves'\?"):
        load_model("shelvs")


@pytest.mark.parametrize("path", ["nowhere/model.yaml", "nowhere.yaml", "nowhere/"])
def test_a_path_to_nothing_says_so(path: str) -> None:
    with pytest.raises(UnknownNameError, match="there is no model file"):
        load_model(path)


def test_a_folder_without_a_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"holds no model\.yaml"):
        load_model(tmp_path)


def test_a_file_that_is_not_text_is_a_problem_of_the_model(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_bytes(b"model: \xff\xfe")

    with pytest.raises(ModelError, match="cannot be read as UTF-8"):
        load_model(tmp_path)


def test_problems_name_the_file_as_it_lies_below_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = changed(tmp_path, ("operation: GetItem", "operation: GetItm"))
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ModelError, match=r"^small/model\.yaml:\d+:\d+: patterns\.get-book\.operation: "):
        load_model(path)


def test_all_mistakes_are_told_at_once_and_in_file_order(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        ("stream: NEW_IMAGE", "stream: NEW_IMAGES"),
        ("source: sql/all-books.sql", "source: sql/all-boks.sql"),
        ('    limit: "{limit}"', '    limit: "{limt}"'),
        ("question: What do we know", "qestion: What do we know"),
    )
    found = problems_of(path)

    assert [line for line, _ in found] == sorted(line for line, _ in found if line)
    assert any("Did you mean 'NEW_IMAGE'?" in message for _, message in found)
    assert any("unknown key 'qestion'. Did you mean 'question'?" in message for _, message in found)
    assert any("'question' is missing" in message for _, message in found)


def test_a_mistake_in_one_part_does_not_hide_the_mistakes_of_another(tmp_path: Path) -> None:
    path = changed(tmp_path, ("days: {type: integer", "days: {type: intger"), ("index: by-author", "index: by-auther"))
    messages = " ".join(message for _, message in problems_of(path))

    assert "Did you mean 'integer'?" in messages
    assert "Did you mean 'by-author'?" in messages
    assert "'Loan'" not in messages


# (old text, new text, a piece of the line that the problem must name, message)
MISTAKES = [
    ("model: small", "model: 'my model'", "model:", "'my model' does not fit"),
    ("model: small\n", "", "description: A library", "'model' is missing"),
    ("tables:\n", "tabels:\n", "tabels:", "unknown key 'tabels'. Did you mean 'tables'?"),
    ("  library:", "  li:", "  li:", "'li' is no table name"),
    ("      by-author:", "      by author:", "by author", "'by author' is no index name"),
    ("keys: {partition: pk, sort: sk}", "keys: {partition: pk, sort: pk}", "sort: pk", "'pk' is in the key twice"),
    ("keys: {partition: pk, sort: sk}", "keys: {partition: [pk, a], sort: sk}", "[pk, a]", "2 partition attributes"),
    ("keys: {partition: pk, sort: sk}", "keys: {partition: 5, sort: sk}", "partition: 5", "write an attribute name or"),
    ("{name: year, type: N}, title]", "{name: year, type: n}, title]", "by-author", "Did you mean 'N'?"),
    ("read: 5, write: 5}", "read: 5}", "billing", "provisioned billing needs read and write units"),
    ("read: 5, write: 5}", "read: 0, write: 5}", "billing", "0 is too small; the least is 1"),
    ("mode: provisioned", "mode: on-demand", "billing", "on-demand billing has no read and write units"),
    ("projection: [isbn]", "projection: SOME", "by-author", "'SOME' is none of the words that fit"),
    ("projection: [isbn]", "projection: [isbn, year, isbn]", "by-author", "'year' is a key attribute"),
    ("projection: [isbn]", "projection: [isbn], billing: on-demand", "by-author", "the table is provisioned"),
    ("by-year: {keys: {partition: pk,", "by-year: {keys: {partition: sk,", "by-year", "a local index has the table's"),
    ("by-year: {keys: {partition: pk, sort: {name: year, type: N}}", "by-year: {keys: {partition: pk, sort: year}", "by-year",
     "'year' is S here and N in index by-author"),
    ("by-year: {keys: {partition: pk, sort: {name: year, type: N}}", "by-year: {keys: {partition: pk}", "by-year",
     "a local index needs a sort attribute"),
    ('keys: {partition: "SHELF#{shelf}", sort: "BOOK#{isbn}"}', 'keys: {partition: "SHELF#{shelf}"}', "SHELF#",
     "0 sort templates, and table 'library' has 1 sort attributes: 'sk'"),
    ('sort: "BOOK#{isbn}"}', 'sort: "BOOK#{isbn"}', "BOOK#", "a lone '{'"),
    ('sort: "BOOK#{isbn}"}', 'sort: "BOOK#{x.isbn}"}', "BOOK#", "an entity has no lookups"),
    ("fields: {lent_at: timestamp}", "fields: {lend_at: timestamp}", "fields:", "no template field 'lend_at'. Did you mean"),
    ("fields: {lent_at: timestamp}", "fields: {lent_at: integer}", '"{lent_at}"', "has type S, and {lent_at} is an integer"),
    ("      year: integer", "      year: string", "year: string", "is an index key of type N, and string is stored as S"),
    ("      year: integer", "      year: integr", "year: integr", "Did you mean 'integer'?"),
    ("      year: integer", "      pk: string", "pk: string", "its template stands under keys"),
    ("source: sql/all-loans.sql", "source: sql/all-lones.sql", "all-lones", "Did you mean 'sql/all-loans.sql'?"),
    ("source: sql/all-loans.sql", "source: ../../etc/passwd", "etc/passwd", "is outside the model's folder"),
    ("rows: sql/books.csv", "rows: sql/bocks.csv", "bocks", "Did you mean 'sql/books.csv'?"),
    ("[sql/schema.sql]", "[sql/scheme.sql]", "scheme", "Did you mean 'sql/schema.sql'?"),
    ("operation: GetItem", "operation: Getitem", "Getitem", "Did you mean 'GetItem'?"),
    ('sort: "BOOK#{isbn}"}\n    parameters', 'sort: {begins_with: "BOOK#" }}\n    parameters', "begins_with: \"BOOK#\" }}",
     "GetItem needs one key, not begins_with"),
    ('    key: {partition: "SHELF#{shelf}", sort: {begins_with: "BOOK#"}}\n', "", "list-shelf:", "Query needs `key:`"),
    ('sort: {begins_with: "BOOK#"}', 'sort: {begin_with: "BOOK#"}', "begin_with", "Did you mean 'begins_with'?"),
    ('sort: {begins_with: "BOOK#"}', 'sort: {between: "BOOK#"}', "between", "must be a list, not 'BOOK#'"),
    ('sort: {begins_with: "BOOK#"}', "sort: {between: [a]}", "between", "is too short; the least is 2"),
    ('sort: {begins_with: "BOOK#"}', 'sort: {begins_with: "BOOK#", less_than: x}', "less_than", "one condition an attribute"),
    ('key: {partition: "SHELF#{shelf}", sort: {b', 'key: {partition: "SHELF#{shelv}", sort: {b', "shelv",
     "there is no parameter 'shelv'. Did you mean 'shelf'?"),
    ('key: {partition: "SHELF#{shelf}", sort: {b', 'key: {partition: "SHELF#{me.shelf}", sort: {b', "me.shelf",
     "there is no lookup 'me'"),
    ('limit: "{limit}"', 'limit: "{shelf}"', "limit:", "the limit is an integer, and parameter 'shelf' is string"),
    ('limit: "{limit}"', "limit: 0", "limit: 0", "0 is too small"),
    ('limit: "{limit}"', "limit: all", "limit: all", "'all' does not fit"),
    ('limit: "{limit}"', "limit: true", "limit: true", "write a whole number"),
    ("default: 3", "default: many", "default: many", "'many' is not an integer"),
    ("average: 40/s", "average: forty", "forty", "'forty' is no rate"),
    ("peak: 400/s", "peak: 4/s", "peak: 4/s", "the peak is below the average"),
    ("read_units: 0.5", "read_units: -1", "read_units", "-1 is too small"),
    ("oracle: sql/list-shelf.sql", "oracle: sql/list-loans.sql", "list-loans", "there is no file"),
    ("    index: by-author\n", "    index: by-author\n    consistent: true\n", "consistent", "no consistent reads"),
    ("    index: by-author\n", "", "{year: {greater", "'year' is no sort attribute of table 'library' and no operator"),
    ('sort: {year: {greater_or_equal: "{since}"}}', 'sort: {title: {begins_with: x}}', "title: {begins_with",
     "from left to right without a gap; 'year' comes before 'title'"),
    ('sort: {year: {greater_or_equal: "{since}"}}', 'sort: {year: {less_than: "{since}"}, title: x}', "title: x",
     "only the last sort attribute may have less_than"),
    ('sort: {year: {greater_or_equal: "{since}"}}', 'sort: {yeer: "{since}"}', "yeer", "Did you mean 'year'?"),
    ('sort: {year: {greater_or_equal: "{since}"}}', 'sort: {greater_or_equal: "{since}"}', "greater_or_equal",
     "has 2 sort attributes; write {year: ..., title: ...}"),
    ('sort: {year: {greater_or_equal: "{since}"}}', 'sort: {year: {begins_with: "{since}"}}', "begins_with: \"{since}",
     "begins_with works on text and binary"),
    ('sort: {year: {greater_or_equal: "{since}"}}', 'sort: {year: "Y{since}"}', "Y{since}", "write one bare {field}"),
    ("since: {type: integer, default: 0}", "since: {type: string, default: '0'}", "greater_or_equal: \"{since}",
     "has type N, and {since} is a string"),
    ("missing: \"no book has the isbn {isbn}\"", "missing: \"no book has the isbn {isbm}\"", "isbm", "Did you mean 'isbn'?"),
    ("{sql: sql/book-by-isbn.sql,", "{sql: sql/list-shelf.sql,", "lookups", "there is no parameter 'shelf'"),
    ("default: $now", "default: $uuid", "$uuid", "$uuid makes a uuid, and the parameter is a timestamp"),
    ("- put: {entity: Loan", "- put: {entity: Lown", "Lown", "there is no entity 'Lown'. Did you mean 'Loan'?"),
    ("- put: {entity: Loan", "- get: {entity: Loan", "- get: {", "TransactWriteItems takes put, update, delete, check, not get"),
    ("- put: {entity: Loan", "- put: {entity: Loan, each: book", "each: book", "declare it with `rows: many`"),
    ("- put: {entity: Loan", "- put: {entity: Loan, each: books", "each: books", "there is no lookup 'books'"),
    ("- put: {entity: Loan", "- put: {entity: Loan, values: {raeder: x}", "raeder", "Did you mean 'reader'?"),
    ("- put: {entity: Loan", "- put: {entity: Loan, values: {days: soon}", "soon", "'soon' is not an integer"),
    ("- put: {entity: Loan", "- put: {entity: Loan, values: {days: '{reader}'}", "days: '{", "'days' is integer, and {reader}"),
    ("- put: {entity: Loan", "- put: {entity: Book", "put: {entity: Book", "lacks a value for the required attribute 'author'"),
    ('          values: {shelf: "{book.shelf}"}\n', "", "update:", "update of Book lacks a value for the key field 'shelf'"),
    ("set: SET lent_at = {lent_at}", "set: SET lent_at = {lend_at}", "lend_at", "Did you mean 'lent_at'?"),
    ("          set: SET lent_at = {lent_at}\n", "", "update:", "'set' is missing"),
    ("condition: attribute_not_exists(lent_at)", "condition: lent_at < {nnow}", "nnow", "there is no parameter 'nnow'"),
    ("operation: TransactWriteItems", "operation: BatchWriteItem", "update:", "BatchWriteItem takes put, delete, not update"),
    ("operation: TransactWriteItems", "operation: PutItem", "lend-book:", "PutItem needs `put:`"),
    ("operation: TransactWriteItems", "operation: Query", "actions:", "Query takes no `actions`"),
    ("{arguments: {shelf: poetry}, expect", "{arguments: {shelv: poetry}, expect", "shelv", "there is no parameter 'shelv'"),
    ("{arguments: {shelf: poetry}, expect", "{arguments: {}, expect", "poetry:", "the parameter 'shelf' is missing"),
    ("{arguments: {shelf: poetry}, expect", "{arguments: {shelf: 5}, expect", "shelf: 5", "not a string; quote it"),
    ("lent_at: 2026-03-02T09:00:00Z}\n        exp", "lent_at: 2026-03-02}\n        exp", "lent_at: 2026-03-02}", "no time zone"),
    ("ordered_by: isbn ascending", "ordered_by: isbn upwards", "upwards", "'upwards' is no direction"),
    ("ordered_by: isbn ascending", "ordered_by: isbm", "isbm", "there is no column 'isbm'. Did you mean 'isbn'?"),
    ("entities: {Book: 3}", "entities: {Bok: 3}", "Bok", "there is no entity 'Bok'. Did you mean 'Book'?"),
    ("entities: {Book: 3}", "entities: {Book: three}", "three", "must be a whole number, not 'three'"),
    ("contains: [{title: Leaves}]", "contains: [{titel: Leaves}]", "titel", "there is no column 'titel'. Did you mean 'title'?"),
    ("contains: [{title: Leaves}]", "contains: {title: Leaves}", "contains", "must be a list, not a mapping"),
    ("expect: {rows: 0}", "expect: {error: ConditionalCheckFailed}", "ConditionalCheckFailed",
     "Did you mean 'ConditionalCheckFailedException'?"),
    ("expect: {rows: 0}", "expect: {rows: 0, error: ValidationException}", "ValidationException", "rows cannot be expected too"),
    ("expect: {rows: 0}", "expect: {rows: true}", "rows: true", "must be a whole number, not True"),
    ("first: {title: Leaves}}}", "first: {title: Leaves}}, all_pages: true}", "all_pages: true}", "GetItem has no pages"),
    ("first: {title: Leaves}}}", "first: {title: Leaves}, pages: 1}}", "pages: 1}}",
     "GetItem has no pages; Query and Scan do: leave it out, or bound items_read"),
    ("    examples:\n      first-loan:", "    budget: {pages: 1}\n    examples:\n      first-loan:", "pages: 1}",
     "TransactWriteItems has no pages; Query and Scan do: leave it out"),
    ("patterns:\n", "patterns:\n  odd:\n", "  odd:", "must be a mapping, not nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "piece", "message"), MISTAKES, ids=[each[3][:50] for each in MISTAKES])
def test_a_mistake_is_named_with_its_line_and_cure(
    old: str, new: str, piece: str, message: str, tmp_path: Path
) -> None:
    path = changed(tmp_path, (old, new))
    found = problems_of(path)

    assert any(message in text for _, text in found), found
    assert line_of(path, piece.rstrip("\n")) in {line for line, text in found if message in text}, found


def test_a_model_of_several_tables_must_say_which(tmp_path: Path) -> None:
    path = changed(tmp_path, ("entities:\n", "  other:\n    keys: {partition: id}\nentities:\n"))

    assert any("say which table: library, other" in message for _, message in problems_of(path))


def test_a_broken_table_is_reported_once_and_not_by_everything_that_uses_it(tmp_path: Path) -> None:
    path = changed(tmp_path, ("stream: NEW_IMAGE", "stream: NEW"))

    assert len(problems_of(path)) == 1


def test_sql_without_a_database_is_a_problem(tmp_path: Path) -> None:
    database = re.search(r"database:\n(?:  .*\n)+", TEXT)
    assert database
    path = changed(tmp_path, (database[0], ""))

    assert all("the model has no `database:`" in message for _, message in problems_of(path))


def test_a_lone_percent_in_sql_is_a_problem_with_the_line_of_the_sql(tmp_path: Path) -> None:
    path = changed(tmp_path)
    (path.parent / "sql" / "list-shelf.sql").write_text("SELECT 1\nWHERE a LIKE 'x%' AND %(shelff)s = ''\n")
    messages = [message for _, message in problems_of(path)]

    assert "sql/list-shelf.sql:2: a lone '%'; write '%%' for the character itself" in messages
    assert "sql/list-shelf.sql:2: there is no parameter 'shelff'. Did you mean 'shelf'?" in messages


def test_numbers_of_a_model_are_exact(tmp_path: Path) -> None:
    path = changed(tmp_path, ("since: {type: integer, default: 0}", "since: {type: number, default: 0.10}"))

    assert load_model(path).pattern("books-of-author").parameters["since"].default == Decimal("0.10")


def test_a_default_bool_does_not_run_anything_and_no_file_outside_is_read(tmp_path: Path) -> None:
    path = changed(tmp_path, ("description: A library", "description: !!python/object/apply:os.system [exit 1] #"))

    with pytest.raises(ModelError, match="the tag"):
        load_model(path)


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights on Windows")
def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, ("source: sql/all-loans.sql", "source: sql/link.sql"))
    (tmp_path / "secret.sql").write_text("SELECT 1")
    (path.parent / "sql" / "link.sql").symlink_to(tmp_path / "secret.sql")

    assert any("outside the model's folder" in message for _, message in problems_of(path))
