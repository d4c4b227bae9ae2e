"""SELECTs of results and of their history."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.reading import execute_read, fetch_all, fetch_one, fetch_page, open_read, select_columns
from api.results import selection
from api.results.selection import ResultFilter
from api.results.symbol_index import Candidates
from schemas.market import Market
from schemas.records import PublicationRecord, ResultRecord
from schemas.tables import analysis_history, analysis_results
from schemas.values import to_naive_utc

_MAX_BIGINT = 2**63 - 1
_MAX_SEARCH_OFFSET = 1_000_000
"""Beyond it the number of matches is looked up first."""

_RESULTS = analysis_results.c
_HISTORY = analysis_history.c


class FoundRow(NamedTuple):
    """A row that a read has found: its id, and the digest of its columns; None where it is too large for one."""

    id: int
    digest: str | None


async def find_page(
    connection: AsyncConnection,
    where: ResultFilter,
    *,
    offset: int,
    limit: int,
    candidates: Candidates | None = None,
) -> tuple[list[FoundRow], int]:
    """Find one page of results, exact matches of the symbol first, then the newest; and their total number.

    `candidates`: the only rows whose symbols can match.
    """
    names, values = where.names, where.values
    position = {"offset": offset, "limit": limit}
    if where.symbol is not None and offset <= _MAX_SEARCH_OFFSET:
        search = selection.search_page(names, among_candidates=candidates is not None)
        found = await fetch_all(connection, search, {**values, **position, **_to_values(candidates)})
        if found or not offset:
            return _to_found(found), found[0][selection.TOTAL] if found else 0
    total = (await execute_read(connection, selection.count_matching(names), values)).scalar_one()
    # Also keeps page numbers beyond the database's integers out of the statement.
    if offset >= total:
        return [], total
    return await _find(connection, selection.find_page(names), {**values, **position}), total


async def list_results_after(
    engine: AsyncEngine, where: ResultFilter, after: int, *, limit: int
) -> tuple[list[ResultRecord], int]:
    """Return the first results with a larger id than `after`, by id; and the total number of all that match.

    An id never changes, so a result that is renewed while a caller walks through all is neither left out nor repeated.
    """
    names, values = where.names, where.values
    async with open_read(engine) as connection:
        total = (await execute_read(connection, selection.count_matching(names), values)).scalar_one()
        position = {"after": after, "limit": limit}
        return await fetch_all(connection, selection.select_after(names), {**values, **position}), total


async def find_newest(connection: AsyncConnection, symbol: str | None, *, limit: int) -> list[FoundRow]:
    """Find the newest results, of `symbol` (normalized) only where one is given."""
    where = ResultFilter(symbol)
    return await _find(connection, selection.find_newest(where.names), {**where.values, "limit": limit})


async def find_by_id(connection: AsyncConnection, result_id: int) -> FoundRow | None:
    """Find the result with this id."""
    if not 0 < result_id <= _MAX_BIGINT:
        return None
    found = await _find(connection, selection.find_by_id(), {"result_id": result_id})
    return found[0] if found else None


async def read_rows(connection: AsyncConnection, ids: Sequence[int]) -> list[tuple[str | None, ResultRecord]]:
    """Return the results with these ids that there still are, each with its digest."""
    rows = await fetch_all(connection, selection.select_by_ids(), {"ids": ids})
    return [(row.pop(selection.DIGEST), row) for row in rows]


async def find_result_id(engine: AsyncEngine, market: Market) -> int | None:
    """Return the id of a market's row, which never changes."""
    named = select(_RESULTS.id).where(
        _RESULTS.exchange == market.exchange,
        _RESULTS.symbol == market.symbol,
        _RESULTS.market_type == market.market_type,
        _RESULTS.timeframe == market.timeframe,
    )
    async with open_read(engine) as connection:
        return (await execute_read(connection, named)).scalar()


async def get_result(engine: AsyncEngine, result_id: int) -> ResultRecord | None:
    """Return one result with its levels."""
    if not 0 < result_id <= _MAX_BIGINT:
        return None
    return await fetch_one(engine, selection.select_by_id(), {"result_id": result_id})


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


def _publications() -> Select[Any]:
    return select_columns(analysis_history)


async def _find(
    connection: AsyncConnection, statement: Select[Any], values: Mapping[str, object]
) -> list[FoundRow]:
    return _to_found(await fetch_all(connection, statement, values))


def _to_values(candidates: Candidates | None) -> dict[str, object]:
    """Return the parameters of a search among candidates. No row has the id 0: an empty list is no SQL."""
    return {} if candidates is None else {"candidates": candidates.ids or [0], "last_id": candidates.last_id}


def _to_found(rows: Sequence[Mapping[str, Any]]) -> list[FoundRow]:
    return [FoundRow(row["id"], row[selection.DIGEST]) for row in rows]
