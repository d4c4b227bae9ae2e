"""One batch of news in one transaction: rows, what follows them (history, watches), and the jobs that they answer."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from consumers.sink.batch import newest
from consumers.sink.history import append, publications
from consumers.sink.intake import Item, Queued
from consumers.sink.level_watches import follow_levels
from consumers.sink.upsert import row, select_ids, upsert
from consumers.sink.watch_events import record_watch_events
from schemas.events import AnalysisCompleted, AnalysisFailed, WatchExpired, WatchFired
from schemas.market import Market
from storage import jobs
from storage.jobs import JobChange

_ROWS_A_STATEMENT = 500

T = TypeVar("T")


async def write(connection: AsyncConnection, items: Sequence[Item], now: datetime) -> list[int]:
    """Writes in the caller's transaction, and returns the ids of the rows of all markets that have results.

    Writing the same again, or in another order, ends in the same tables.
    """
    published = [item.news for item in items if isinstance(item.news, AnalysisCompleted)]
    results = newest(published)
    dialect = connection.dialect.name
    for some in _portions(results):
        await connection.execute(upsert(dialect, [row(event, now) for event in some]))
    for lines in _portions(publications(published, now)):
        # With the rows beside it, the statement is compiled once and not for every number of rows.
        await connection.execute(append(dialect), lines)
    ids = await _ids(connection, [event.market for event in results])
    await follow_levels(connection, [event.market for event in results], now)
    await jobs.record(connection, [change for item in items for change in job_changes(item, ids)])
    await record_watch_events(
        connection, [item.news for item in items if isinstance(item.news, WatchFired | WatchExpired)], now
    )
    return sorted(ids.values())


def job_changes(item: Item, ids: Mapping[tuple[str, ...], int]) -> list[JobChange]:
    """What an item says about requests, given the rows that are written."""
    match item.news:
        case AnalysisCompleted() as event:
            return jobs.completed(event, ids.get(_folded(event.market)))
        case AnalysisFailed() as event:
            return jobs.failed(event)
        case Queued(request, at):
            return [jobs.queued(request, at)]
        case WatchFired() | WatchExpired() | None:
            return []


async def _ids(connection: AsyncConnection, markets: Sequence[Market]) -> dict[tuple[str, ...], int]:
    ids: dict[tuple[str, ...], int] = {}
    for some in _portions(markets):
        for found in await connection.execute(select_ids(some)):
            market = Market.model_construct(**found._mapping)  # as it stands there, whatever it is
            ids[_folded(market)] = found.id
    return ids


def _folded(market: Market) -> tuple[str, ...]:
    """An adopted table may compare without case, and a row of `Binance` then is the market's row."""
    return market.exchange.lower(), market.symbol.upper(), market.market_type.lower(), market.timeframe


def _portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _ROWS_A_STATEMENT):
        yield values[start : start + _ROWS_A_STATEMENT]
