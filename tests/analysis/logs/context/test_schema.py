"""A program and a schema that differ, distinguished from one statement that somebody mistyped."""

import pytest

from tests.analysis.logs.said import said

_WELL = "INFO GET /stock 200\n" * 8
_LOST = [
    'ERROR sqlalchemy.exc.ProgrammingError: (psycopg.errors.UndefinedTable) relation "stock_v2" does not exist',
    "ERROR SqlException: Unknown column 'p.weight_g' in 'field list'",
    "ERROR Error: SQLITE_ERROR: no such column: weight_g",
    "ERROR Microsoft.Data.SqlClient.SqlException: Invalid column name 'WeightG'.",
    "ERROR Table 'till.vouchers' doesn't exist",
]


@pytest.mark.parametrize("line", _LOST)
def test_a_table_or_column_that_is_asked_for_again_and_again(line: str) -> None:
    """In the words of several databases, each time of the same name."""
    assert said(f"{_WELL}{line}\n{_WELL}{line}\n")[:1] == ["db.schema-mismatch"]


def test_one_statement_that_ends_the_program() -> None:
    """What a program dies of is its own statement."""
    trace = 'Traceback (most recent call last):\n  File "app.py", line 3, in <module>\n    start()\n'
    assert said(f'{_WELL}{trace}psycopg2.errors.UndefinedTable: relation "stock_v2" does not exist\n')[:1] == [
        "db.schema-mismatch"
    ]


@pytest.mark.parametrize(
    "log",
    [
        f"{_WELL}{_LOST[1]}\n",
        '2031-02-01 10:00:00.1 UTC [71] ERROR:  column "colour" does not exist at character 8\n' * 3,
        "INFO migration 7: column weight_g does not yet exist, adding it\n" * 2,
    ],
    ids=["once", "the-server's-own-log", "a-migration"],
)
def test_what_is_none_of_the_program(log: str) -> None:
    """One statement, somebody's session, a migration at work."""
    assert said(log + _WELL)[:1] in ([], ["unknown"])
