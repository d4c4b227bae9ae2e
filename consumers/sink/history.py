"""Append every published result to `analysis_history`, whether or not it changes its market's row.

A result that is older than the row was published all the same, and subscribers received it.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache

from sqlalchemy.dialects import mysql, sqlite

from consumers.sink.rows import HistoryValues
from schemas.tables import analysis_history


def unite_history(rows: Iterable[HistoryValues]) -> list[HistoryValues]:
    """Return one row for each distinct analysis, sorted by primary key, so that two writers lock in the same order."""
    distinct = {_primary_key(values): values for values in rows}
    return [distinct[key] for key in sorted(distinct)]


@cache
def insert_history(dialect: str) -> mysql.Insert | sqlite.Insert:
    """Return the statement that inserts the rows it is executed with and leaves existing ones unchanged.

    Not MySQL's INSERT IGNORE, which truncates values that do not fit instead of refusing them.
    """
    if dialect == "mysql":
        return mysql.insert(analysis_history).on_duplicate_key_update(market=analysis_history.c.market)
    return sqlite.insert(analysis_history).on_conflict_do_nothing()


def _primary_key(values: HistoryValues) -> tuple[str, int, datetime, str, str]:
    return (
        values["market"],
        values["candle_at"],
        values["analyzed_at"],
        values["params_hash"],
        values["candles_hash"],
    )
