"""SELECTs of results and of their history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from api.reading import fetch_all, fetch_one, fetch_page, open_read, select_columns
from schemas.market import Market
from schemas.records import PublicationRecord, ResultRecord
from schemas.tables import analysis_history, analysis_results
from schemas.values import to_naive_utc

Columns = ReadOnlyColumnCollection[str, Any]

_MAX_BIGINT = 2**63 - 1
_RESULTS = analysis_results.c
_HISTORY = analysis_history.c


@dataclass(frozen=True, slots=True)
class ResultFilter:
    """Which results to select; None means no filter. `symbol` is normalized by `normalize_query`."""

    symbol: str | None = None
    exchange: str | None = None
    market_type: str | None = None
    timeframe: str | None = None


async def list_results(
    engine: AsyncEngine, where: ResultFilter, *, offset: int, limit: int
) -> tuple[list[ResultRecord], int]:
    """Return one page of results, exact matches of the symbol first, then the newest; and their total number."""
    conditions = _build_conditions(where)
    count = select(func.count()).select_from(analysis_results).where(*conditions)
    ids = select(_RESULTS.id).where(*conditions).order_by(*_build_order(where, _RESULTS))
    return await fetch_page(
        engine, _select_rows(where, ids.offset(offset).limit(limit)), count, offset=offset
    )


async def list_results_after(
    engine: AsyncEngine, where: ResultFilter, after: int, *, limit: int
) -> tuple[list[ResultRecord], int]:
    """Return the first results with a larger id than `after`, by id; and the total number of all that match.

    An id never changes, so a result that is renewed while a caller walks through all is neither left out nor repeated.
    """
    conditions = _build_conditions(where)
    count = select(func.count()).select_from(analysis_results).where(*conditions)
    rows = select_columns(analysis_results).where(*conditions, _RESULTS.id > after).order_by(_RESULTS.id)
    return await fetch_page(engine, rows.limit(limit), count, offset=0)


async def list_newest(engine: AsyncEngine, symbol: str | None, *, limit: int) -> list[ResultRecord]:
    """Return the newest results, of `symbol` (normalized) only where one is given."""
    newest = (
        select_columns(analysis_results).order_by(_RESULTS.updated_at.desc(), _RESULTS.id.desc()).limit(limit)
    )
    if symbol is not None:
        newest = newest.where(_plain_symbol(_RESULTS) == symbol)
    async with open_read(engine) as connection:
        return await fetch_all(connection, newest)


async def find_result_id(engine: AsyncEngine, market: Market) -> int | None:
    """Return the id of a market's row, which never changes."""
    named = select(_RESULTS.id).where(
        _RESULTS.exchange == market.exchange,
        _RESULTS.symbol == market.symbol,
        _RESULTS.market_type == market.market_type,
        _RESULTS.timeframe == market.timeframe,
    )
    async with open_read(engine) as connection:
        return (await connection.execute(named)).scalar()


async def get_result(engine: AsyncEngine, result_id: int) -> ResultRecord | None:
    """Return one result with its levels."""
    if not 0 < result_id <= _MAX_BIGINT:
        return None
    return await fetch_one(engine, select_columns(analysis_results).where(_RESULTS.id == result_id))


async def get_levels(engine: AsyncEngine, market: Market) -> object:
    """Return the levels of a market as they are stored; None where there is no row."""
    row: ResultRecord | None = await fetch_one(
        engine,
        select_columns(analysis_results).where(
            _RESULTS.exchange == market.exchange,
            _RESULTS.market_type == market.market_type,
            _RESULTS.symbol == market.symbol,
            _RESULTS.timeframe == market.timeframe,
        ),
    )
    return row["levels"] if row is not None else None


async def get_publication(engine: AsyncEngine, market: str, at: datetime) -> PublicationRecord | None:
    """Return what the row of `market` (a key) contained at that time, by the clock of the analyzers.

    Ordered like the guard of the row itself: the latest candle, then the latest analysis.
    """
    newest = (
        _publications()
        .where(_HISTORY.market == market, _HISTORY.analyzed_at <= to_naive_utc(at))
        .order_by(_HISTORY.candle_at.desc(), _HISTORY.analyzed_at.desc())
        .limit(1)
    )
    return await fetch_one(engine, newest)


async def list_publications(
    engine: AsyncEngine, market: str, *, offset: int, limit: int
) -> tuple[list[PublicationRecord], int]:
    """Return one page of the publications of `market` (a key), the newest first; and their total number."""
    count = select(func.count()).select_from(analysis_history).where(_HISTORY.market == market)
    rows = (
        _publications()
        .where(_HISTORY.market == market)
        .order_by(_HISTORY.analyzed_at.desc(), _HISTORY.candle_at.desc(), _HISTORY.candles_hash)
    )
    return await fetch_page(engine, rows.offset(offset).limit(limit), count, offset=offset)


def _select_rows(where: ResultFilter, ids: Select[Any]) -> Select[Any]:
    """Return the rows of `ids` in order: a sort of whole rows would read and move the levels of all that match."""
    page, rows = ids.subquery("page"), analysis_results.alias("result")
    joined = rows.join(page, rows.c.id == page.c.id)
    return select_columns(rows).select_from(joined).order_by(*_build_order(where, rows.c))


def _build_order(where: ResultFilter, result: Columns) -> list[ColumnElement[Any]]:
    order: list[ColumnElement[Any]] = [result.updated_at.desc(), result.id.desc()]
    if where.symbol is not None:
        order.insert(0, case((_plain_symbol(result) == where.symbol, 0), else_=1))
    return order


def _publications() -> Select[Any]:
    return select_columns(analysis_history)


def _plain_symbol(result: Columns) -> ColumnElement[str]:
    plain: ColumnElement[str] = result.symbol
    for separator in "/-_":
        plain = func.replace(plain, separator, "")
    return func.upper(plain)


def _build_conditions(where: ResultFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if where.symbol:
        conditions.append(_plain_symbol(_RESULTS).contains(where.symbol, autoescape=True))
    if where.exchange is not None:
        conditions.append(func.lower(_RESULTS.exchange) == where.exchange.strip().lower())
    if where.market_type is not None:
        conditions.append(func.lower(_RESULTS.market_type) == where.market_type.strip().lower())
    if where.timeframe is not None:
        # Compared by bytes: 1m is not 1M, whatever the collation of an adopted table is.
        conditions.append(func.hex(_RESULTS.timeframe) == where.timeframe.strip().encode().hex().upper())
    return conditions
