"""Rebuild from the topics what a watcher must know before its first price.

The watch events name the armings that have fired, whichever watcher published them. The prices just before the first
unprocessed one show on which side of its target each watch was left, and fire watches that the watcher which
processed them had not loaded yet.
"""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from datetime import datetime, timedelta

import structlog
from pydantic import ValidationError

from broker.ports import Broker, Partition, Reader, Record, RecordsLost
from consumers.watcher.decode import decode_price
from consumers.watcher.engine import WatchEngine
from consumers.watcher.watch import Fire, LoadedWatch
from runtime.errors import Malformed, Transient, UnknownEventType
from schemas.event_types import find_unknown_type
from schemas.topics import PRICES, WATCH_EVENTS
from schemas.values import from_ms, to_ms
from schemas.watch_events import read_watch_event

_log = structlog.get_logger(__name__)

PRICE_LOOKBACK = timedelta(minutes=2)
"""Prices are published every few seconds even while unchanged, so that each market has one within this."""

_PRICE_RETENTION = timedelta(milliseconds=int(PRICES.config["retention.ms"]))
_MIN_EVENT_LOOKBACK = timedelta(days=1)
_MAX_CLOCK_SKEW = timedelta(minutes=5)
_RECORD_TIMEOUT = 30.0
"""Seconds to wait for the next record."""
_CHUNK_SIZE = 100


def events_start(active: Iterable[LoadedWatch], now: datetime) -> datetime:
    """Return the time from which watch events may hold what the rows of `active` watches do not. Pure.

    A row is complete until its latest fire, or at least until the watch was made, resumed or moved. One day is read in
    any case, for a watch that was paused before the sink wrote its fires and then resumed.
    """
    now_ms = to_ms(now)
    complete_until = min((_complete_until(loaded, now_ms) for loaded in active), default=now_ms)
    return min(from_ms(complete_until) - _MAX_CLOCK_SKEW, now - _MIN_EVENT_LOOKBACK)


def prices_start(first_published: datetime, now: datetime) -> datetime:
    """Return the time at which to start reading prices, bounded by retention and `now`. Pure.

    Any publisher may have any clock, but nothing is older than the topic's retention or newer than now.
    """
    return min(max(first_published, now - _PRICE_RETENTION), now) - PRICE_LOOKBACK


async def replay_events(broker: Broker, engine: WatchEngine, start: datetime) -> None:
    """Apply every watch event published since `start` that is on the topic now. Raises Transient."""
    async with broker.read([WATCH_EVENTS.name], start) as reader:
        async for record in _read_to_end(reader):
            _apply_event(engine, record)


async def replay_prices(
    broker: Broker,
    engine: WatchEngine,
    firsts: Mapping[Partition, int],
    first_published: datetime,
    now: datetime,
    on_fires: Callable[[Iterable[Fire]], None],
) -> None:
    """Apply the prices before `firsts`, the first offset to process of each partition. Raises Transient.

    What they fired earlier is known from the watch events. What they still fire was made, resumed or moved before
    them but not loaded when they were processed: the table is read once a second.

    `first_published`: when the earliest of `firsts` was published, by its publisher's clock. `on_fires` receives fires
    as they occur: the engine knows of them from then on, so they must be published even if this raises later.
    """
    ahead = dict(firsts)
    async with (
        broker.read([PRICES.name], prices_start(first_published, now)) as reader,
        aclosing(_read_to_end(reader)) as records,
    ):
        async for record in records:
            if record.offset + 1 >= ahead.get(record.source, record.offset + 2):
                del ahead[record.source]
            if record.offset < firsts.get(record.source, 0):
                on_fires(_apply_price(engine, record, now))
            if not ahead:
                return


def _complete_until(loaded: LoadedWatch, now_ms: int) -> int:
    fired_at = loaded.state.fired_at or 0
    return max(loaded.watch.since, fired_at if fired_at <= now_ms else 0)


def _apply_event(engine: WatchEngine, record: Record) -> None:
    if record.value is None or find_unknown_type(record.headers):
        return
    try:
        engine.apply_event(read_watch_event(record.value))
    except (ValidationError, OverflowError):
        _log.warning("watcher.unreadable_event", partition=record.partition, offset=record.offset)


def _apply_price(engine: WatchEngine, record: Record, now: datetime) -> list[Fire]:
    try:
        price = decode_price(record, now)
    except (Malformed, UnknownEventType):
        return []
    return engine.apply_tick(price.instrument, price.tick) if price.tick is not None else []


async def _read_to_end(reader: Reader) -> AsyncGenerator[Record, None]:
    """Yield every record up to the end of the topics when `reader` was opened; skip what retention deleted.

    Raises Transient when the broker becomes unreachable: a reader itself waits for it without an error.
    """
    records = aiter(reader)
    for number in itertools.count(1):
        if number % _CHUNK_SIZE == 0:
            await asyncio.sleep(
                0
            )  # fetched records are read without waiting, which must not delay heartbeats
        try:
            async with asyncio.timeout(_RECORD_TIMEOUT):
                if await reader.is_caught_up():
                    return
                record = await anext(records)
        except TimeoutError:
            raise Transient(f"no broker answered within {_RECORD_TIMEOUT:g} s") from None
        except RecordsLost as error:
            _log.warning("watcher.records_lost", error=str(error))
            records = aiter(reader)
            continue
        yield record
