"""What was published, line by line: appended for every result, whatever became of its market's row.

A result that came too late to change the row was published all the same, and subscribers saw it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import mysql, sqlite

from schemas.events import AnalysisCompleted
from schemas.tables import analysis_history
from schemas.values import naive, to_ms

_KEY = tuple(column.name for column in analysis_history.primary_key.columns)


def publications(events: Iterable[AnalysisCompleted], now: datetime) -> list[dict[str, Any]]:
    """Rows, one for each analysis that `events` tell of, sorted by key: two writers lock in the same order."""
    rows = (_row(event, now) for event in events)
    distinct = {tuple(row[name] for name in _KEY): row for row in rows}
    return [distinct[key] for key in sorted(distinct)]


def append(dialect: str) -> mysql.Insert | sqlite.Insert:
    """Inserts the rows that it is executed with; those that are there stay as they are.

    Not MySQL's INSERT IGNORE, which would cut values that do not fit instead of refusing them.
    """
    if dialect == "mysql":
        return mysql.insert(analysis_history).on_duplicate_key_update(market=analysis_history.c.market)
    return sqlite.insert(analysis_history).on_conflict_do_nothing()


def _row(event: AnalysisCompleted, now: datetime) -> dict[str, Any]:
    return {
        "market": event.market.key,
        "candle_at": to_ms(event.candle_at),
        "analyzed_at": naive(event.analyzed_at),
        "params_hash": event.params_hash,
        "candles_hash": event.candles_hash,
        "recorded_at": naive(now),
        "input_limit": event.input_limit,
        "last_price": event.last_price,
        "support_levels": list(event.support_levels),
        "resistance_levels": list(event.resistance_levels),
        "levels": event.model_dump(mode="json", include={"levels"})["levels"],
        "request_id": event.request_ids[0],
        "algorithm": event.algorithm,
    }
