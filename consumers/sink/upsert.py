"""The one statement that writes results: it inserts a market's row, or replaces it by a later result only."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select, tuple_
from sqlalchemy.dialects import mysql, sqlite

from schemas.market import Market
from schemas.tables import analysis_results

KEY = ("exchange", "symbol", "market_type", "timeframe")
_PAYLOAD = (
    "input_limit",
    "support_levels",
    "resistance_levels",
    "last_price",
    "levels",
    "request_id",
    "algorithm",
    "updated_at",
)
# MySQL assigns from left to right, and each right side sees the values assigned before it. With the guard's own
# columns last, and analyzed_at before candle_at, every assignment evaluates the guard on the old row.
ASSIGNED = (*_PAYLOAD, "analyzed_at", "candle_at")

_RESULTS = analysis_results.c


@cache
def upsert_results(dialect: str) -> mysql.Insert | sqlite.Insert:
    """Return the statement that inserts rows or updates older ones. `id` and `created_at` never change."""
    if dialect == "mysql":
        return _upsert_mysql()
    insert = sqlite.insert(analysis_results)
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=[_RESULTS[name] for name in KEY],
        set_={name: new[name] for name in ASSIGNED},
        where=_is_later(new),
    )


def _upsert_mysql() -> mysql.Insert:
    """Assign from a list of pairs, because SQLAlchemy reorders a dict's assignments by the table's columns."""
    insert = mysql.insert(analysis_results)
    new = insert.inserted
    return insert.on_duplicate_key_update(
        [(name, case((_is_later(new), new[name]), else_=_RESULTS[name])) for name in ASSIGNED]
    )


def _is_later(new: Any) -> ColumnElement[bool]:
    """Return the guard, equal to `batch.ResultVersion.supersedes`; the new row has no NULL in these columns."""
    return or_(
        _RESULTS.candle_at.is_(None),
        new.candle_at > _RESULTS.candle_at,
        and_(
            new.candle_at == _RESULTS.candle_at,
            or_(_RESULTS.analyzed_at.is_(None), new.analyzed_at > _RESULTS.analyzed_at),
        ),
    )


def select_ids(markets: Sequence[Market]) -> Select[tuple[int, str, str, str, str]]:
    """Return the query for `id` and key of the rows of `markets`."""
    key = tuple_(*(_RESULTS[name] for name in KEY))
    keys = [(m.exchange, m.symbol, m.market_type, m.timeframe) for m in markets]
    return select(
        _RESULTS.id, _RESULTS.exchange, _RESULTS.symbol, _RESULTS.market_type, _RESULTS.timeframe
    ).where(key.in_(keys))
