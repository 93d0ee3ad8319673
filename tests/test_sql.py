"""Every statement: portable, keyed, bound, and used."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from costspike import sql
from costspike.adapters.warehouse.database import TABLES

PLUGINS = Path(__file__).parents[1] / "plugins"
FILES = sorted(sql.SQL_FOLDER.glob("*/*.sql"))
NAMES = [f"{file.parent.name}/{file.name}" for file in FILES]
DIALECTS = ("duckdb", "postgres")
CODE = {path: path.read_text(encoding="utf-8") for path in PLUGINS.rglob("*.py")}
PARAMETER = re.compile(r"(?<![:\w]):(\w+)")

every_file = pytest.mark.parametrize("file", FILES, ids=NAMES)


def statement(file: Path) -> str:
    return re.sub(r"^\s*--.*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE).strip()


def engines(file: Path) -> tuple[str, ...]:
    """Return the engines that run a file: a variant is for one only."""
    _, *variant = file.name.removesuffix(".sql").split(".")
    return tuple(variant) or DIALECTS


def parsed(file: Path) -> Iterator[exp.Expression]:
    for dialect in engines(file):
        (tree,) = sqlglot.parse(statement(file), read=dialect)
        assert tree is not None
        yield tree


def name_of(file: Path) -> str:
    return f"{file.parent.name}/{file.name.split('.')[0]}"


@every_file
def test_a_file_holds_one_statement_of_every_dialect_that_runs_it(file: Path) -> None:
    for tree in parsed(file):
        # LOCK TABLE is no standard; sqlglot keeps it as it is.
        assert not isinstance(tree, exp.Command) or statement(file).startswith("LOCK TABLE")
    assert not statement(file).endswith(";")


@every_file
def test_columns_are_named(file: Path) -> None:
    for tree in parsed(file):
        stars = [star for star in tree.find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
        assert stars == []


@every_file
def test_an_insert_names_its_columns(file: Path) -> None:
    for tree in parsed(file):
        for insert in tree.find_all(exp.Insert):
            assert isinstance(insert.this, exp.Schema), "INSERT INTO table (columns)"


@every_file
def test_nothing_is_deleted_or_updated_without_a_key(file: Path) -> None:
    for tree in parsed(file):
        for change in tree.find_all(exp.Delete, exp.Update):
            condition = change.args.get("where")
            assert condition is not None
            assert list(condition.find_all(exp.Placeholder)), "the key is a bound value"


@every_file
def test_parameters_are_lower_case_and_the_only_thing_bound(file: Path) -> None:
    text = statement(file)
    for parameter in PARAMETER.findall(text):
        assert re.fullmatch(r"[a-z_]+", parameter)
    # psycopg reads a percent sign as the beginning of a parameter, and question marks are DuckDB's own.
    assert not {"%", "?", "{", "\\"} & set(text)
    assert not any(":" in part for part in re.findall(r"'([^']*)'", text)), "it would be read as a parameter"


@every_file
def test_a_comment_has_a_line_of_its_own(file: Path) -> None:
    assert "--" not in statement(file)
    assert "/*" not in statement(file)


@every_file
def test_a_file_is_used(file: Path) -> None:
    folder, name = name_of(file).split("/")
    if name == "create":
        assert folder in TABLES
    elif folder == "checks":
        assert any(f'"{name}"' in text for text in CODE.values())
    else:
        # Named whole, or by its last part where the table or the variant is chosen at run time.
        used = (f'"{folder}/{name}"', f'/{name}"', f'"{name}"')
        assert any(form in text for text in CODE.values() for form in used)


def test_every_statement_that_code_names_exists() -> None:
    existing = {name_of(file) for file in FILES}
    folders = {name.split("/")[0] for name in existing}
    named = {
        name
        for text in CODE.values()
        for name in re.findall(r'"([a-z_]+/[a-z_]+)"', text)
        if name.split("/")[0] in folders
    }
    assert named
    assert named <= existing
    assert {f"{table}/create" for table in TABLES} <= existing


def test_every_table_is_created_and_nothing_else() -> None:
    created = {file.parent.name for file in FILES if name_of(file).endswith("/create")}
    assert created == set(TABLES)


@every_file
def test_a_statement_touches_only_known_tables(file: Path) -> None:
    for tree in parsed(file):
        own = {cte.alias for cte in tree.find_all(exp.CTE)}
        tables = {table.name for table in tree.find_all(exp.Table)} - own
        staged = {"landing", "landing_totals", "landing_sums", "landing_gone", "landing_revisions"}
        assert tables <= {*TABLES, *staged, "cloud_costs_key"}


def test_values_are_bound_in_the_order_of_the_statement() -> None:
    given: dict[str, Any] = {"start": date(2026, 1, 1), "end": date(2026, 2, 1), "source": "x", "unused": 1}
    text, values = sql.bind("cloud_costs/delete_days", "duckdb", "?", given)
    assert values == (date(2026, 1, 1), date(2026, 2, 1), "x")
    assert text.count("?") == 3
    text, values = sql.bind("cloud_costs/delete_days", "postgres", "%s", given)
    assert text.count("%s") == len(values) == 3


def test_a_cast_is_no_parameter() -> None:
    assert PARAMETER.findall("SELECT x::date, :day") == ["day"]


def test_a_missing_value_or_statement_is_told() -> None:
    with pytest.raises(KeyError, match="end"):
        sql.bind("cloud_costs/delete_days", "duckdb", "?", {"start": 1, "source": "x"})
    with pytest.raises(FileNotFoundError, match="no statement 'cloud_costs/nothing' for duckdb"):
        sql.bind("cloud_costs/nothing", "duckdb", "?", {})


def test_a_variant_is_for_its_engine_only() -> None:
    assert sql.exists("cloud_costs/lock", "postgres")
    assert not sql.exists("cloud_costs/lock", "duckdb")
    assert not sql.exists("cloud_costs/lock", "generic")
