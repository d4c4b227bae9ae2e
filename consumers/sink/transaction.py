"""Write one batch of events in one transaction: results, history, closes without change, bound watches, jobs, and the
events of levels and watches."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from consumers.sink.batch import latest_per_market
from consumers.sink.decode import QueuedRequest, SinkEvent
from consumers.sink.history import insert_history, unite_history
from consumers.sink.level_events import record_level_events
from consumers.sink.level_watches import follow_levels
from consumers.sink.quiet_closes import MovedRow, move_on
from consumers.sink.rows import to_history_values, to_payload, to_result_values
from consumers.sink.upsert import select_ids, upsert_results
from consumers.sink.watch_events import record_watch_events
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.events import AnalysisCompleted, AnalysisFailed
from schemas.level_events import LevelEventBase
from schemas.market import Market
from schemas.watch_events import WatchExpired, WatchFired
from storage import jobs
from storage.bulk_insert import insert_rows
from storage.jobs import JobChange

_CHUNK_SIZE = 500
"""Rows of one statement."""

MarketKey = tuple[str, str, str, str]

T = TypeVar("T")


class Changes(NamedTuple):
    """Ids of the rows that may have changed, and those that a close without change moved on."""

    row_ids: list[int]
    moved: list[MovedRow]


async def write_events(connection: AsyncConnection, items: Sequence[SinkEvent], now: datetime) -> Changes:
    """Write in the caller's transaction and return the rows that may have changed.

    Writing the same events again, or in another order, leaves the same tables.
    """
    published = [item.event for item in items if isinstance(item.event, AnalysisCompleted)]
    results = latest_per_market(published)
    markets = [event.market for event in results]
    dialect = connection.dialect.name
    payloads = {id(event): to_payload(event) for event in published}
    for rows in _split([to_result_values(event, payloads[id(event)], now) for event in results]):
        await insert_rows(connection, upsert_results(dialect), rows)
    history = unite_history(to_history_values(event, payloads[id(event)], now) for event in published)
    for lines in _split(history):
        await insert_rows(connection, insert_history(dialect), lines)
    quiet = [item.event for item in items if isinstance(item.event, AnalysisUnchanged)]
    moved = await move_on(connection, quiet, now)
    ids = await _fetch_ids(connection, markets)
    await follow_levels(connection, markets, now)
    await jobs.record_changes(connection, [change for item in items for change in to_job_changes(item, ids)])
    level_events = [item.event for item in items if isinstance(item.event, LevelEventBase)]
    await record_level_events(connection, level_events, now)
    watch_events = [item.event for item in items if isinstance(item.event, WatchFired | WatchExpired)]
    await record_watch_events(connection, watch_events, now)
    return Changes(sorted({*ids.values(), *(row.row_id for row in moved)}), moved)


def to_job_changes(item: SinkEvent, ids: Mapping[MarketKey, int]) -> list[JobChange]:
    """Return the changes of jobs that follow from an event, given the ids of the written rows. Pure."""
    match item.event:
        case AnalysisCompleted() as event:
            return jobs.build_completed_changes(event, ids.get(_fold_case(event.market)))
        case AnalysisFailed() as event:
            return jobs.build_failed_changes(event)
        case QueuedRequest(request, queued_at):
            return [jobs.build_queued_change(request, queued_at)]
        case _:
            return []


async def _fetch_ids(connection: AsyncConnection, markets: Sequence[Market]) -> dict[MarketKey, int]:
    ids: dict[MarketKey, int] = {}
    for chunk in _split(markets):
        for row in await connection.execute(select_ids(chunk)):
            market = Market.model_construct(
                **row._mapping
            )  # not validated: another backend may have written it
            ids[_fold_case(market)] = row.id
    return ids


def _fold_case(market: Market) -> MarketKey:
    """Return a key that ignores case: in an adopted table without case, a row of `Binance` is the market's row."""
    return market.exchange.lower(), market.symbol.upper(), market.market_type.lower(), market.timeframe


def _split(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _CHUNK_SIZE):
        yield values[start : start + _CHUNK_SIZE]
