"""What is believed of the times that a record bears."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broker.ports import Record
from consumers.watcher.intake import read_price
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
    """Its times, in ms after noon, which is when it is read."""
    read = read_price(record, NOON).tick
    assert isinstance(read, Tick)
    return read.at - NOON_MS, read.told - NOON_MS


def test_times_that_may_be_are_taken_as_they_are() -> None:
    assert tick(record(-500, -200)) == (-500, -200)
    assert tick(record(MAX_CLOCK_AHEAD_MS, 0)) == (MAX_CLOCK_AHEAD_MS, 0)
    assert tick(record(-DAY_MS, -200)) == (-DAY_MS, -200)


def test_an_exchange_that_is_far_ahead_is_taken_to_mean_when_it_was_told() -> None:
    assert tick(record(DAY_MS, -200)) == (-200, -200)


def test_it_means_the_same_when_it_is_read_again() -> None:
    sent = record(DAY_MS, -DAY_MS)
    assert read_price(sent, NOON).tick == read_price(sent, NOON + timedelta(days=2)).tick


@pytest.mark.parametrize("stamp", [-1, 0, NOON_MS + DAY_MS, 2**62])
def test_a_record_without_a_time_that_may_be_was_sent_now(stamp: int) -> None:
    assert tick(replace(record(-500, 0), timestamp_ms=stamp)) == (-500, 0)
