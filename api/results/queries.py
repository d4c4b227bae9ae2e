"""Every SELECT of the API. Each call reads on one connection, within a bound, and gives the rows as they are stored.

All raise Transient while the database is away.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Text,
    case,
    func,
    select,
    type_coerce,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from runtime.errors import Transient
from schemas.market import TIMEFRAMES
from schemas.tables import analysis_history, analysis_jobs, analysis_results
from schemas.tables import markets as markets_table
from schemas.values import to_naive_utc
from storage.database_errors import Fault, classify
from storage.freshness_sql import count_fresh, has_known_candle

LONGEST_READ = 10.0
"""Seconds for a whole read, the wait for a connection included."""

_MOST_BIGINT = 2**63 - 1
_LEVEL_COLUMNS = ("support_levels", "resistance_levels", "levels")
_RESULTS = analysis_results.c
_JOBS = analysis_jobs.c
_HISTORY = analysis_history.c


Stored = dict[str, Any]
"""A row as the database has it, by column."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which results. `symbol` is in its searched form (`api.http.symbol_query.searched`); None: no filter."""

    symbol: str | None = None
    exchange: str | None = None
    market_type: str | None = None
    timeframe: str | None = None


@dataclass(frozen=True, slots=True)
class Endings:
    """`failed` counts by reason."""

    queued: int
    completed: int
    failed: dict[str, int]
    recent: list[Stored]


@dataclass(frozen=True, slots=True)
class Ages:
    markets: int
    fresh: int
    oldest: list[Stored]


async def results(
    engine: AsyncEngine, wanted: Wanted, *, offset: int, limit: int
) -> tuple[list[Stored], int]:
    """One page of the newest results, an exact symbol before those that only contain it; and how many there are."""
    conditions = _conditions(wanted)
    order: list[ColumnElement[Any]] = [_RESULTS.updated_at.desc(), _RESULTS.id.desc()]
    if wanted.symbol is not None:
        order.insert(0, case((_plain_symbol() == wanted.symbol, 0), else_=1))
    counted = select(func.count()).select_from(analysis_results).where(*conditions)
    rows = _rows().where(*conditions).order_by(*order)
    return await page_of(engine, rows, counted, offset=offset, limit=limit)


async def newest_of_symbol(engine: AsyncEngine, symbol: str | None, *, limit: int) -> list[Stored]:
    """The newest results, of `symbol` (in its searched form) alone where one is given."""
    newest = _rows("levels").order_by(_RESULTS.updated_at.desc(), _RESULTS.id.desc()).limit(limit)
    if symbol is not None:
        newest = newest.where(_plain_symbol() == symbol)
    async with reading(engine) as connection:
        return await all_of(connection, newest)


async def result(engine: AsyncEngine, result_id: int) -> Stored | None:
    """One result, with its levels."""
    if not 0 < result_id <= _MOST_BIGINT:
        return None
    async with reading(engine) as connection:
        found = await all_of(connection, _rows().where(_RESULTS.id == result_id))
        return found[0] if found else None


async def publication(engine: AsyncEngine, market: str, at: datetime) -> Stored | None:
    """What stood in the row of `market` (a key) at that time, by the clock of whoever analysed.

    The latest candles, then the latest clock: as the row itself is guarded.
    """
    newest = (
        _publications()
        .where(_HISTORY.market == market, _HISTORY.analyzed_at <= to_naive_utc(at))
        .order_by(_HISTORY.candle_at.desc(), _HISTORY.analyzed_at.desc())
        .limit(1)
    )
    async with reading(engine) as connection:
        found = await all_of(connection, newest)
        return found[0] if found else None


async def publications(
    engine: AsyncEngine, market: str, *, offset: int, limit: int
) -> tuple[list[Stored], int]:
    """One page of what was published of `market` (a key), the newest first; and how much that is in all."""
    counted = select(func.count()).select_from(analysis_history).where(_HISTORY.market == market)
    rows = (
        _publications()
        .where(_HISTORY.market == market)
        .order_by(_HISTORY.analyzed_at.desc(), _HISTORY.candle_at.desc(), _HISTORY.candles_hash)
    )
    return await page_of(engine, rows, counted, offset=offset, limit=limit)


async def job(engine: AsyncEngine, request_id: str) -> Stored | None:
    async with reading(engine) as connection:
        found = await all_of(connection, _jobs().where(_JOBS.request_id == request_id))
        return found[0] if found else None


async def jobs(engine: AsyncEngine, *, status: str | None, market: str | None, limit: int) -> list[Stored]:
    """The newest jobs; those whose queueing nobody saw (published by others) by their end, after all others."""
    newest = (
        _jobs().order_by(_JOBS.queued_at.desc(), _JOBS.ended_at.desc(), _JOBS.request_id.desc()).limit(limit)
    )
    if status is not None:
        newest = newest.where(_JOBS.status == status)
    if market is not None:
        newest = newest.where(_JOBS.market == market)
    async with reading(engine) as connection:
        return await all_of(connection, newest)


async def endings(engine: AsyncEngine, since: datetime, *, recent: int) -> Endings:
    """How jobs ended since then, and how many are queued now; of the failures the newest `recent`."""
    begun = to_naive_utc(since)
    ended = select(_JOBS.status, _JOBS.reason, func.count()).where(_JOBS.ended_at >= begun)
    queued = select(func.count()).select_from(analysis_jobs).where(_JOBS.status == "queued")
    newest = (
        _jobs()
        .where(_JOBS.status == "failed", _JOBS.ended_at >= begun)
        .order_by(_JOBS.ended_at.desc(), _JOBS.request_id)
        .limit(recent)
    )
    async with reading(engine) as connection:
        found = (await connection.execute(ended.group_by(_JOBS.status, _JOBS.reason))).all()
        return Endings(
            queued=(await connection.execute(queued)).scalar_one(),
            completed=sum(count for status, _, count in found if status == "completed"),
            failed={reason or "": count for status, reason, count in found if status == "failed"},
            recent=await all_of(connection, newest),
        )


async def ages(
    engine: AsyncEngine, newest: Mapping[str, int], floors: Mapping[str, int], *, oldest: int
) -> Ages:
    """How old our results are: those of a candle before their timeframe's floor are stale.

    `newest` and `floors` are open times (ms) by timeframe: of the last closed candle, and of the oldest fresh one.
    The `oldest` are those with the most candles to make up for.
    """
    missing = (case(newest, value=_RESULTS.timeframe) - _RESULTS.candle_at) / case(
        TIMEFRAMES, value=_RESULTS.timeframe
    )
    stalest = (
        _rows(*_LEVEL_COLUMNS)
        .where(*has_known_candle(newest))
        .order_by(missing.desc(), _RESULTS.id)
        .limit(oldest)
    )
    async with reading(engine) as connection:
        counted = select(func.count(), func.coalesce(count_fresh(floors), 0)).where(*has_known_candle(newest))
        markets, of_them_fresh = (await connection.execute(counted)).one()
        return Ages(markets, int(of_them_fresh), await all_of(connection, stalest))


async def markets(engine: AsyncEngine, exchange: str) -> list[Stored]:
    """What the table says that `exchange` offers; none where nobody keeps it."""
    async with reading(engine) as connection:
        return await all_of(connection, _select(markets_table).where(markets_table.c.exchange == exchange))


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    try:
        async with asyncio.timeout(LONGEST_READ), engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, OSError) as error:
        if classify(error) is Fault.TRANSIENT:
            raise Transient("the database does not answer: try again") from error
        raise


async def page_of(
    engine: AsyncEngine, rows: Select[Any], counted: Select[int], *, offset: int, limit: int
) -> tuple[list[Stored], int]:
    """One page of `rows`, and how many there are, which `counted` counts."""
    async with reading(engine) as connection:
        total = (await connection.execute(counted)).scalar_one()
        # Also keeps a page number of any size away from the database, whose integers end somewhere.
        if offset >= total:
            return [], total
        return await all_of(connection, rows.offset(offset).limit(limit)), total


async def all_of(connection: AsyncConnection, statement: Select[Any]) -> list[Stored]:
    return [one._asdict() for one in await connection.execute(statement)]


def _rows(*without: str) -> Select[Any]:
    return _select(analysis_results, without)


def _publications() -> Select[Any]:
    return _select(analysis_history)


def _select(table: Table, without: Collection[str] = ()) -> Select[Any]:
    # Levels are fetched as the text they are stored as: other backends write results too, and one row whose
    # JSON is odd must not fail a whole page inside the driver. `api.results.rows` reads them.
    return select(
        *(
            type_coerce(column, Text).label(column.name) if column.name in _LEVEL_COLUMNS else column
            for column in table.c
            if column.name not in without
        )
    )


def _jobs() -> Select[Any]:
    return select(*(column for column in analysis_jobs.c if column.name not in {"request", "attempts"}))


def _plain_symbol() -> ColumnElement[str]:
    plain: ColumnElement[str] = _RESULTS.symbol
    for separator in "/-_":
        plain = func.replace(plain, separator, "")
    return func.upper(plain)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.symbol:
        conditions.append(_plain_symbol().contains(wanted.symbol, autoescape=True))
    if wanted.exchange is not None:
        conditions.append(func.lower(_RESULTS.exchange) == wanted.exchange.strip().lower())
    if wanted.market_type is not None:
        conditions.append(func.lower(_RESULTS.market_type) == wanted.market_type.strip().lower())
    if wanted.timeframe is not None:
        # By its bytes: 1m is not 1M, whatever the collation of an adopted table thinks.
        conditions.append(func.hex(_RESULTS.timeframe) == wanted.timeframe.strip().encode().hex().upper())
    return conditions
