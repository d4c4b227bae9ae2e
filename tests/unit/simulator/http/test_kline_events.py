"""The klines of the simulated exchange, and the ways in which they misbehave by order."""

import json
from typing import Any

import numpy as np

from exchanges.bars import Bars
from simulator.faults import Fault, FaultKind
from simulator.history.timeline import MINUTE
from simulator.http.kline_events import KlineFeed

START = 1_767_614_400_000
SYMBOLS = ["BTCUSDT", "ETHUSDT"]


def read(symbol: str, opened: int) -> Bars:
    if symbol == "GONEUSDT":
        return Bars.empty()
    price = np.array([100.0])
    return Bars(np.array([opened]), price, price + 1, price - 1, price, np.array([4.0]))


def collect(feed: KlineFeed, now: int, *faults: Fault, symbols: list[str] = SYMBOLS) -> list[dict[str, Any]]:
    return [json.loads(text) for text in feed.collect(symbols, faults, now, 0.0)]


def close(*faults: Fault, symbols: list[str] = SYMBOLS) -> tuple[KlineFeed, list[dict[str, Any]]]:
    """Return a feed at the end of its first minute, and what it sends there."""
    feed = KlineFeed(read, "/ws/0@kline_1m")
    collect(feed, START + 59_999, symbols=symbols)
    return feed, collect(feed, START + MINUTE, *faults, symbols=symbols)


def fault(kind: FaultKind, **more: Any) -> Fault:
    return Fault(kind, 0.0, **more)


def test_minute_is_sent_with_its_final_flag_once_it_has_closed() -> None:
    _, events = close()
    assert [(one["s"], one["k"]["t"], one["k"]["x"]) for one in events] == [
        ("BTCUSDT", START, True),
        ("ETHUSDT", START, True),
    ]
    assert events[0]["E"] == START + MINUTE


def test_market_that_is_not_traded_is_silent() -> None:
    assert close(symbols=["GONEUSDT"])[1] == []


def test_open_minute_is_updated_in_turns() -> None:
    feed = KlineFeed(read, "/ws/0@kline_1m")
    events = [one for second in range(10) for one in collect(feed, START + second * 1_000)]
    assert sorted(one["s"] for one in events) == SYMBOLS
    assert not any(one["k"]["x"] for one in events)


def test_dropped_minute_is_never_sent() -> None:
    feed, events = close(fault("drop", symbol="BTCUSDT", count=1))
    assert [one["s"] for one in events] == ["ETHUSDT"]
    assert len(collect(feed, START + 2 * MINUTE)) == 2


def test_doubled_minute_is_sent_twice() -> None:
    _, events = close(fault("double", symbol="BTCUSDT"))
    assert [one["s"] for one in events] == ["BTCUSDT", "BTCUSDT", "ETHUSDT"]


def test_minute_that_never_closes_has_no_final_flag() -> None:
    _, events = close(fault("never_close", symbol="BTCUSDT"))
    assert [one["k"]["x"] for one in events] == [False, True]


def test_delayed_minute_is_sent_later() -> None:
    feed, events = close(fault("delay", seconds=5))
    assert events == []
    assert [one["k"]["t"] for one in collect(feed, START + MINUTE + 5_000) if one["k"]["x"]] == [START, START]


def test_revised_minute_is_wrong_first() -> None:
    feed, events = close(fault("revise", symbol="BTCUSDT", count=1))
    assert float(events[0]["k"]["c"]) == 99.0
    (second,) = [one for one in collect(feed, START + MINUTE + 2_000) if one["k"]["x"]]
    assert float(second["k"]["c"]) == 100.0


def test_stale_clock_dates_events_in_the_past() -> None:
    _, events = close(fault("stale_clock", seconds=90))
    assert {one["E"] for one in events} == {START + MINUTE - 90_000}


def test_fault_of_another_path_does_not_apply() -> None:
    assert len(close(fault("drop", path="/api/v3"))[1]) == 2
    assert close(fault("drop", path="@kline"))[1] == []
