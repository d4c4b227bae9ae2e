"""What a watcher must know before its first price: what is told already, and where prices stood.

Both are on the topics. The watch events say which armings fired, by whichever watcher. The prices just before the
first unread one say on which side of its target each watch was left; and what they did to a watch that the watcher of
then had not heard of yet.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from datetime import datetime, timedelta

import structlog
from pydantic import ValidationError

from broker.ports import Broker, Partition, Reader, Record, RecordsLost
from consumers.watcher.desk import Desk, Listed
from consumers.watcher.intake import read_price
from consumers.watcher.watch import Fire
from runtime.errors import Malformed, Transient
from schemas.events import read_watch_event
from schemas.topics import PRICES, WATCH_EVENTS
from schemas.values import from_ms, to_ms

_log = structlog.get_logger(__name__)

LOOK_BACK = timedelta(minutes=2)
"""Prices are told again every few seconds even where they stay the same: each market has one in here."""


_KEPT = timedelta(milliseconds=int(PRICES.config["retention.ms"]))
_AT_LEAST = timedelta(days=1)
_CLOCKS_APART = timedelta(minutes=5)
_LONGEST_SILENCE = 30.0
"""Seconds that the next record may take."""


def heard_from(at_work: Iterable[Listed], now: datetime) -> datetime:
    """From when on watch events may say of one of these what its row does not. Pure.

    Its row has it until its latest fire there, or at least until it was made, resumed or moved. A day is read at any
    rate: for a watch that was paused before the sink had written what it did, and is resumed.
    """
    now_ms = to_ms(now)
    known = min((_known_until(one, now_ms) for one in at_work), default=now_ms)
    return min(from_ms(known) - _CLOCKS_APART, now - _AT_LEAST)


def _known_until(listed: Listed, now_ms: int) -> int:
    fired_at = listed.standing.fired_at or 0
    return max(listed.watch.since, fired_at if fired_at <= now_ms else 0)


async def hear_events(broker: Broker, desk: Desk, since: datetime) -> None:
    """Let the desk hear every watch event from then on that stands on the topic now. Raises Transient."""
    async with broker.read([WATCH_EVENTS.name], since) as reader:
        async for record in _what_stands(reader):
            _hear(desk, record)


async def look_back(
    broker: Broker,
    desk: Desk,
    firsts: Mapping[Partition, int],
    first_told: datetime,
    now: datetime,
    fired: Callable[[Iterable[Fire]], None],
) -> None:
    """Let the desk hear the prices before `firsts`, the first offset of each partition. Raises Transient.

    What they fired is known from the watch events. What they still fire was made, resumed or moved before them, but
    not known of when they were dealt with: the table is read once a second.

    `first_told`: when the earliest of those firsts was published, if its clock was right. `fired` is given what the
    prices fire, as they come: the desk knows of it from then on, so it is to be told even if this raises later.
    """
    ahead = dict(firsts)
    async with (
        broker.read([PRICES.name], look_back_from(first_told, now)) as reader,
        aclosing(_what_stands(reader)) as records,
    ):
        async for record in records:
            if record.offset + 1 >= ahead.get(record.source, record.offset + 2):
                del ahead[record.source]
            if record.offset < firsts.get(record.source, 0):
                fired(_hear_price(desk, record, now))
            if not ahead:
                return


def look_back_from(first_told: datetime, now: datetime) -> datetime:
    """Where to begin. Anybody may publish, with any clock: nothing is older than the topic keeps, nor of tomorrow."""
    return min(max(first_told, now - _KEPT), now) - LOOK_BACK


def _hear(desk: Desk, record: Record) -> None:
    if record.value is None:
        return
    try:
        desk.heard(read_watch_event(record.value))
    except (ValidationError, OverflowError):
        _log.warning("watcher.unreadable_event", partition=record.partition, offset=record.offset)


def _hear_price(desk: Desk, record: Record, now: datetime) -> list[Fire]:
    try:
        told = read_price(record, now)
    except Malformed:
        return []
    return desk.tick(told.place, told.tick) if told.tick is not None else []


async def _what_stands(reader: Reader) -> AsyncGenerator[Record, None]:
    """Every record up to where its topics ended when the reader was opened. What retention took is passed over.

    Raises Transient when the broker goes away on the way: a reader waits for it without a word.
    """
    records = aiter(reader)
    while True:
        try:
            async with asyncio.timeout(_LONGEST_SILENCE):
                if await reader.is_caught_up():
                    return
                record = await anext(records)
        except TimeoutError:
            raise Transient(f"no broker answered within {_LONGEST_SILENCE:g} s") from None
        except RecordsLost as error:
            _log.warning("watcher.records_lost", error=str(error))
            records = aiter(reader)
            continue
        yield record
