"""What a watcher must know before its first price: what is told already, and where prices stood.

Both are on the topics. The watch events say which armings fired, by whichever watcher. The prices just before the
first unread one say on which side of its target each watch was left.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import datetime, timedelta

import structlog
from pydantic import ValidationError

from consumers.watcher.desk import Desk
from consumers.watcher.intake import read_price
from runtime.broker.ports import Broker, Edge, Partition, Reader, Record, RecordsLost
from runtime.errors import Malformed
from schemas.events import read_watch_event
from schemas.topics import PRICES, WATCH_EVENTS

_log = structlog.get_logger(__name__)

LOOK_BACK = timedelta(minutes=2)
"""Prices are told again every few seconds even where they stay the same: each market has one in here."""


async def hear_events(broker: Broker, desk: Desk) -> None:
    """Let the desk hear every watch event that stands on the topic now. Raises Transient."""
    async with broker.read([WATCH_EVENTS.name], Edge.BEGINNING) as reader:
        async for record in _what_stands(reader):
            _hear(desk, record)


async def look_back(
    broker: Broker, desk: Desk, firsts: Mapping[Partition, int], first_told: datetime
) -> None:
    """Let the desk pass the prices before `firsts`, the first offset of each partition. Raises Transient.

    `first_told`: when the earliest of those firsts was published.
    """
    ahead = dict(firsts)
    async with (
        broker.read([PRICES.name], first_told - LOOK_BACK) as reader,
        aclosing(_what_stands(reader)) as records,
    ):
        async for record in records:
            if record.offset + 1 >= ahead.get(record.source, record.offset + 2):
                del ahead[record.source]
            if record.offset < firsts.get(record.source, 0):
                _pass(desk, record, first_told)
            if not ahead:
                return


def _hear(desk: Desk, record: Record) -> None:
    if record.value is None:
        return
    try:
        desk.heard(read_watch_event(record.value))
    except (ValidationError, OverflowError):
        _log.warning("watcher.unreadable_event", partition=record.partition, offset=record.offset)


def _pass(desk: Desk, record: Record, now: datetime) -> None:
    try:
        told = read_price(record, now)
    except Malformed:
        return
    if told.tick is not None:
        desk.passed(told.place, told.tick)


async def _what_stands(reader: Reader) -> AsyncGenerator[Record, None]:
    """Every record up to where its topics ended when the reader was opened. What retention took is passed over."""
    records = aiter(reader)
    while not await reader.caught_up():
        try:
            yield await anext(records)
        except RecordsLost as error:
            _log.warning("watcher.records_lost", error=str(error))
            records = aiter(reader)
