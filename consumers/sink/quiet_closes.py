"""Moves rows on at closes that changed none of their levels."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Row, Select, Update, bindparam, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.candles.levels_hash import hash_levels
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.events import Level
from schemas.market import Market
from schemas.tables import analysis_results
from schemas.values import to_ms, to_naive_utc

_R = analysis_results.c
_LEVELS = TypeAdapter(tuple[Level, ...])
_CHUNK_SIZE = 500
"""Rows of one query."""

_KeyColumns = tuple[str, str, str, str]


class MovedRow(NamedTuple):
    """A row and the close that it shows now."""

    row_id: int
    close: AnalysisUnchanged


async def move_on(
    connection: AsyncConnection, events: Iterable[AnalysisUnchanged], now: datetime
) -> list[MovedRow]:
    """Give the rows that have the levels of these closes their candle and time; return those rows.

    Of several closes of a market the latest that found the row's levels counts. `last_price` stays the one that the
    levels' distances were measured from. A close whose result is not in its row yet is left out, unless the result is
    in the same transaction; the next close that finds the row's levels, or the next full result, moves that row.
    """
    closes = _group_by_market(events)
    markets = [closes[key][0].market for key in sorted(closes)]
    moved: list[MovedRow] = []
    parameters: list[dict[str, object]] = []
    for start in range(0, len(markets), _CHUNK_SIZE):
        for row in (await connection.execute(_select_rows(markets[start : start + _CHUNK_SIZE]))).all():
            if close := _find_close(row, closes.get(_fold_case(row), ())):
                moved.append(MovedRow(row.id, close))
                parameters.append(_to_parameters(row, close, now))
    if parameters:
        # Writers that lock in one order do not deadlock.
        await connection.execute(_MOVE_ON, parameters)
    return moved


def _group_by_market(events: Iterable[AnalysisUnchanged]) -> dict[_KeyColumns, list[AnalysisUnchanged]]:
    """Return the closes by the key columns of their rows, the latest of each market first."""
    closes: dict[_KeyColumns, list[AnalysisUnchanged]] = {}
    for event in sorted(events, key=lambda event: (event.candle_at, event.analyzed_at), reverse=True):
        closes.setdefault(_fold_case(event.market), []).append(event)
    return closes


def _fold_case(key: Market | Row[tuple[object, ...]]) -> _KeyColumns:
    """Return the key columns without case: an adopted table may ignore it."""
    return key.exchange.lower(), key.symbol.upper(), key.market_type.lower(), key.timeframe


def _find_close(
    row: Row[tuple[object, ...]], closes: Sequence[AnalysisUnchanged]
) -> AnalysisUnchanged | None:
    later = [
        close for close in closes if row.candle_at is not None and to_ms(close.candle_at) > row.candle_at
    ]
    if not later or row.levels is None or row.analyzed_at is None:
        return None
    try:
        levels_hash = hash_levels(_LEVELS.validate_python(row.levels))
    except ValidationError:
        return None  # levels that another backend, or another version, has written
    return next((close for close in later if close.levels_hash == levels_hash), None)


def _select_rows(markets: Sequence[Market]) -> Select[tuple[object, ...]]:
    key = (_R.exchange, _R.symbol, _R.market_type, _R.timeframe)
    keys = [(market.exchange, market.symbol, market.market_type, market.timeframe) for market in markets]
    return (
        select(_R.id, *key, _R.candle_at, _R.analyzed_at, _R.levels)
        .where(tuple_(*key).in_(keys))
        .order_by(*key)
    )


def _build_update() -> Update:
    """Update a row that has the result that was read: the pair of times is a result's version."""
    return (
        update(analysis_results)
        .where(
            _R.id == bindparam("row_id"),
            _R.candle_at == bindparam("read_candle_at"),
            _R.analyzed_at == bindparam("read_analyzed_at"),
        )
        .values(
            candle_at=bindparam("closed"),
            analyzed_at=bindparam("analyzed"),
            input_limit=bindparam("candles"),
            updated_at=bindparam("written"),
        )
    )


_MOVE_ON = _build_update()


def _to_parameters(
    row: Row[tuple[object, ...]], close: AnalysisUnchanged, now: datetime
) -> dict[str, object]:
    return {
        "row_id": row.id,
        "read_candle_at": row.candle_at,
        "read_analyzed_at": row.analyzed_at,
        "closed": to_ms(close.candle_at),
        "analyzed": to_naive_utc(close.analyzed_at),
        "candles": close.input_limit,
        "written": to_naive_utc(now).replace(microsecond=0),
    }
