"""The one statement that writes results: a row for each market, changed by a later result and by nothing else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select, tuple_
from sqlalchemy.dialects import mysql, sqlite

from schemas.events import AnalysisCompleted
from schemas.market import Market
from schemas.tables import analysis_results
from schemas.values import naive, to_ms

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
# MySQL assigns from left to right, and each right side sees what was assigned before it. With the guard's own columns
# last, and analyzed_at before candle_at, every assignment decides as the first one did.
ASSIGNED = (*_PAYLOAD, "analyzed_at", "candle_at")

_TABLE = analysis_results.c


def row(event: AnalysisCompleted, now: datetime) -> dict[str, Any]:
    """The event as a row. Its times are UTC and naive; ours in whole seconds, because TIMESTAMP would round them up."""
    written_at = naive(now).replace(microsecond=0)
    return {
        **event.market.model_dump(),
        "input_limit": event.input_limit,
        "support_levels": list(event.support_levels),
        "resistance_levels": list(event.resistance_levels),
        "last_price": event.last_price,
        "created_at": written_at,
        "updated_at": written_at,
        "levels": event.model_dump(mode="json", include={"levels"})["levels"],
        "candle_at": to_ms(event.candle_at),
        "analyzed_at": naive(event.analyzed_at),
        "request_id": event.request_ids[0],
        "algorithm": event.algorithm,
    }


def upsert(dialect: str, rows: Sequence[dict[str, Any]]) -> mysql.Insert | sqlite.Insert:
    """Insert `rows`, or change what stands there if they are later. `id` and `created_at` never change."""
    if dialect == "mysql":
        return _mysql(rows)
    insert = sqlite.insert(analysis_results).values(list(rows))
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=[_TABLE[name] for name in KEY],
        set_={name: new[name] for name in ASSIGNED},
        where=_later(new),
    )


def _mysql(rows: Sequence[dict[str, Any]]) -> mysql.Insert:
    """A list of pairs, because SQLAlchemy puts a dict's assignments in the order of the table's columns."""
    insert = mysql.insert(analysis_results).values(list(rows))
    new = insert.inserted
    return insert.on_duplicate_key_update(
        [(name, case((_later(new), new[name]), else_=_TABLE[name])) for name in ASSIGNED]
    )


def _later(new: Any) -> ColumnElement[bool]:
    """The guard, as `batch.Version.supersedes` has it; what we insert has no NULL in it."""
    return or_(
        _TABLE.candle_at.is_(None),
        new.candle_at > _TABLE.candle_at,
        and_(
            new.candle_at == _TABLE.candle_at,
            or_(_TABLE.analyzed_at.is_(None), new.analyzed_at > _TABLE.analyzed_at),
        ),
    )


def select_ids(markets: Sequence[Market]) -> Select[Any]:
    """`id` and the key of the rows of `markets`."""
    key = tuple_(*(_TABLE[name] for name in KEY))
    wanted = [(m.exchange, m.symbol, m.market_type, m.timeframe) for m in markets]
    return select(_TABLE.id, *(_TABLE[name] for name in KEY)).where(key.in_(wanted))
