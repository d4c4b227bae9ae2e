"""The SQL text of the statements: MySQL's depends on the order of assignments."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine import Dialect

from consumers.sink.rows import to_payload, to_result_values
from consumers.sink.upsert import KEY, upsert_results
from storage import jobs
from tests.support.events import NOON, make_completed

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
    # As the dialect detects on connecting to MySQL 8.0.20 or later.
    dialect._requires_alias_for_on_duplicate_key = True
    return dialect


def compiled(statement: Any, dialect: Dialect) -> str:
    return re.sub(r"\s+", " ", str(statement.compile(dialect=dialect)))


def mysql_assignments(statement: Any) -> list[str]:
    _, _, update = compiled(statement, mysql_dialect()).partition(" AS new ON DUPLICATE KEY UPDATE ")
    # Every assignment but the last ends with ELSE <table>.<column> END.
    return re.findall(r"(?:^|, )(\w+) = (?:CASE|coalesce)", update)


def test_upsert_on_mysql_assigns_guard_columns_last() -> None:
    assert mysql_assignments(upsert_results("mysql")) == [
        *PAYLOAD,
        "updated_at",
        "analyzed_at",
        "candle_at",
    ]


def test_upsert_on_mysql_guards_every_assignment() -> None:
    words = compiled(upsert_results("mysql"), mysql_dialect())
    guard = (
        "CASE WHEN (analysis_results.candle_at IS NULL OR new.candle_at > analysis_results.candle_at"
        " OR new.candle_at = analysis_results.candle_at AND (analysis_results.analyzed_at IS NULL"
        " OR new.analyzed_at > analysis_results.analyzed_at)) THEN new.{0} ELSE analysis_results.{0} END"
    )
    for name in (*PAYLOAD, "updated_at", "analyzed_at", "candle_at"):
        assert f"{name} = {guard.format(name)}" in words


def test_upsert_on_sqlite_has_one_guard() -> None:
    words = compiled(upsert_results("sqlite"), sqlite.dialect())
    assert "ON CONFLICT (exchange, symbol, market_type, timeframe) DO UPDATE SET" in words
    assert words.endswith(
        "WHERE analysis_results.candle_at IS NULL OR excluded.candle_at > analysis_results.candle_at"
        " OR excluded.candle_at = analysis_results.candle_at AND (analysis_results.analyzed_at IS NULL"
        " OR excluded.analyzed_at > analysis_results.analyzed_at)"
    )


@pytest.mark.parametrize(
    ("name", "dialect"), [("mysql", mysql_dialect), ("sqlite", sqlite.dialect)], ids=["mysql", "sqlite"]
)
def test_upsert_never_assigns_identity_columns(name: str, dialect: Callable[[], Dialect]) -> None:
    words = compiled(upsert_results(name), dialect())
    update = words[words.index(" UPDATE ") :]
    for column in ("id", "created_at", *KEY):
        assert not re.search(rf"(?<![.\w]){column} = (?!analysis_results|new\.|excluded\.candle)", update)


def test_result_values_have_whole_second_times() -> None:
    """MySQL rounds a TIMESTAMP: half a second more would be in the future."""
    made = to_result_values(event := make_completed(), to_payload(event), NOON.replace(microsecond=999_999))
    assert made["updated_at"] == made["created_at"] == NOON.replace(tzinfo=None)


def test_job_upsert_on_mysql_assigns_status_last() -> None:
    assert mysql_assignments(jobs.build_upsert("mysql")) == [
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
