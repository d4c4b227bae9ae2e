"""Which times of a price record are accepted."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broker.ports import Record
from consumers.watcher.decode import decode_price
from consumers.watcher.watch import Tick
from schemas.events import PriceTicked
from schemas.topics import PRICES
from schemas.values import MAX_CLOCK_AHEAD_MS, to_ms
from tests.support.events import NOON

NOON_MS = to_ms(NOON)
DAY_MS = 86_400_000


def record(at_ms: int, sent_ms: int) -> Record:
    event = PriceTicked(
        exchange="sim",
        market_type="spot",
        symbol="BTCUSDT",
        price=1.0,
        at=NOON + timedelta(milliseconds=at_ms),
    )
    return Record(PRICES.name, 0, 7, None, event.model_dump_json().encode(), (), NOON_MS + sent_ms)


def tick(record: Record) -> tuple[int, int]:
    """Return its times in ms after noon, when it is decoded."""
    read = decode_price(record, NOON).tick
    assert isinstance(read, Tick)
    return read.traded_at - NOON_MS, read.published_at - NOON_MS


def test_decode_price_keeps_plausible_times() -> None:
    assert tick(record(-500, -200)) == (-500, -200)
    assert tick(record(MAX_CLOCK_AHEAD_MS, 0)) == (MAX_CLOCK_AHEAD_MS, 0)
    assert tick(record(-DAY_MS, -200)) == (-DAY_MS, -200)


def test_decode_price_clamps_future_trade_time_to_publication() -> None:
    assert tick(record(DAY_MS, -200)) == (-200, -200)


def test_decode_price_is_the_same_on_replay() -> None:
    sent = record(DAY_MS, -DAY_MS)
    assert decode_price(sent, NOON).tick == decode_price(sent, NOON + timedelta(days=2)).tick


@pytest.mark.parametrize("stamp", [-1, 0, NOON_MS + DAY_MS, 2**62])
def test_decode_price_replaces_implausible_publication_time_by_now(stamp: int) -> None:
    assert tick(replace(record(-500, 0), timestamp_ms=stamp)) == (-500, 0)
