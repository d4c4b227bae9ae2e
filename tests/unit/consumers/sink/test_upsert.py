"""The words that the databases are sent: MySQL's depend on their order."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine import Dialect

from consumers.sink.upsert import KEY, row, upsert
from storage import jobs
from tests.support.events import NOON, a_completed, a_market, a_request

PAYLOAD = [
    "input_limit",
    "support_levels",
    "resistance_levels",
    "last_price",
    "levels",
    "request_id",
    "algorithm",
]


def mysql_dialect() -> Dialect:
    dialect = mysql.dialect()
    # What it finds out when it connects to MySQL 8.0.20 or later.
    dialect._requires_alias_for_on_duplicate_key = True
    return dialect


def compiled(statement: Any, dialect: Dialect) -> str:
    return re.sub(r"\s+", " ", str(statement.compile(dialect=dialect)))


def rows(*symbols: str) -> list[dict[str, Any]]:
    return [row(a_completed(a_market(symbol)), NOON) for symbol in symbols]


def mysql_assignments(statement: Any) -> list[str]:
    _, _, update = compiled(statement, mysql_dialect()).partition(" AS new ON DUPLICATE KEY UPDATE ")
    # The end of each but the last: ELSE <table>.<column> END.
    return re.findall(r"(?:^|, )(\w+) = (?:CASE|coalesce)", update)


def test_mysql_assigns_the_payload_then_updated_at_then_the_guard() -> None:
    assert mysql_assignments(upsert("mysql", rows("BTCUSDT"))) == [
        *PAYLOAD,
        "updated_at",
        "analyzed_at",
        "candle_at",
    ]


def test_mysql_guards_every_assignment() -> None:
    words = compiled(upsert("mysql", rows("BTCUSDT")), mysql_dialect())
    guard = (
        "CASE WHEN (analysis_results.candle_at IS NULL OR new.candle_at > analysis_results.candle_at"
        " OR new.candle_at = analysis_results.candle_at AND (analysis_results.analyzed_at IS NULL"
        " OR new.analyzed_at > analysis_results.analyzed_at)) THEN new.{0} ELSE analysis_results.{0} END"
    )
    for name in (*PAYLOAD, "updated_at", "analyzed_at", "candle_at"):
        assert f"{name} = {guard.format(name)}" in words


def test_sqlite_guards_them_all_at_once() -> None:
    words = compiled(upsert("sqlite", rows("BTCUSDT")), sqlite.dialect())
    assert "ON CONFLICT (exchange, symbol, market_type, timeframe) DO UPDATE SET" in words
    assert words.endswith(
        "WHERE analysis_results.candle_at IS NULL OR excluded.candle_at > analysis_results.candle_at"
        " OR excluded.candle_at = analysis_results.candle_at AND (analysis_results.analyzed_at IS NULL"
        " OR excluded.analyzed_at > analysis_results.analyzed_at)"
    )


@pytest.mark.parametrize(
    ("name", "dialect"), [("mysql", mysql_dialect), ("sqlite", sqlite.dialect)], ids=["mysql", "sqlite"]
)
def test_what_makes_a_row_itself_is_never_assigned(name: str, dialect: Callable[[], Dialect]) -> None:
    words = compiled(upsert(name, rows("BTCUSDT")), dialect())
    update = words[words.index(" UPDATE ") :]
    for column in ("id", "created_at", *KEY):
        assert not re.search(rf"(?<![.\w]){column} = (?!analysis_results|new\.|excluded\.candle)", update)


def test_a_batch_is_one_statement() -> None:
    words = compiled(upsert("mysql", rows("BTCUSDT", "ETHUSDT", "SOLUSDT")), mysql_dialect())
    assert words.count("INSERT INTO") == 1
    assert words.count("(%s, ") == 3


def test_a_rows_own_times_are_whole_seconds() -> None:
    """MySQL rounds a TIMESTAMP, and half a second more would lie in the future."""
    made = row(a_completed(), NOON.replace(microsecond=999_999))
    assert made["updated_at"] == made["created_at"] == NOON.replace(tzinfo=None)


def test_a_job_keeps_what_decides_until_the_last() -> None:
    change = jobs.queued(a_request(), NOON)
    statement = jobs.upsert("mysql", [jobs.as_row(change)])
    assert mysql_assignments(statement) == [
        "market",
        "queued_at",
        "request",
        "reason",
        "message",
        "attempts",
        "ended_at",
        "result_id",
        "status",
    ]
