"""The trades that a websocket client receives, and the ways in which they misbehave by order."""

import json
from typing import Any

from simulator.faults import Fault, FaultKind
from simulator.history.trades import MarketTrade
from simulator.http.trade_events import TradeFeed

START = 1_767_614_400_000


def read(symbol: str, after: int, until: int) -> list[MarketTrade]:
    """Return a trade a second."""
    seconds = range(after // 1_000 + 1, until // 1_000 + 1)
    return [MarketTrade(second, second * 1_000, 1.5, 2e-05) for second in seconds]


def collect(feed: TradeFeed, now: int, *faults: Fault) -> list[dict[str, Any]]:
    return [json.loads(text) for text in feed.collect(["BTCUSDT"], faults, now, 0.0)]


def open_feed(name: str = "trade") -> TradeFeed:
    feed = TradeFeed(read, "/ws/0@trade", name)
    assert collect(feed, START) == [], "it begins with what is traded later"
    return feed


def times(events: list[dict[str, Any]]) -> list[int]:
    return [(one["T"] - START) // 1_000 for one in events]


def fault(kind: FaultKind, **more: Any) -> Fault:
    return Fault(kind, 0.0, path="@trade", **more)


def test_each_trade_is_sent_once_with_its_exact_numbers() -> None:
    feed = open_feed()
    assert times(collect(feed, START + 2_500)) == [1, 2]
    (third,) = collect(feed, START + 3_000)
    assert (third["e"], third["s"], third["p"], third["q"]) == ("trade", "BTCUSDT", "1.5", "0.00002")
    assert (third["t"], third["T"], third["E"]) == (START // 1_000 + 3, START + 3_000, START + 3_000)


def test_aggregated_trades_have_their_own_name_of_the_id() -> None:
    (trade,) = collect(open_feed("aggTrade"), START + 1_000)
    assert (trade["e"], trade["a"]) == ("aggTrade", START // 1_000 + 1)
    assert "t" not in trade


def test_dropped_trade_is_never_sent_and_a_doubled_one_twice() -> None:
    feed = open_feed()
    assert times(collect(feed, START + 3_000, fault("drop", count=1))) == [2, 3]
    assert times(collect(feed, START + 5_000, fault("double", count=1))) == [4, 4, 5]


def test_delayed_trade_comes_later_with_the_time_it_was_made() -> None:
    feed = open_feed()
    assert collect(feed, START + 1_000, fault("delay", seconds=2.0, count=1)) == []
    assert sorted(times(collect(feed, START + 3_000))) == [1, 2, 3]


def test_stale_clock_dates_the_event_and_not_the_trade() -> None:
    (trade,) = collect(open_feed(), START + 1_000, fault("stale_clock", seconds=60.0))
    assert (trade["E"], trade["T"]) == (START + 1_000 - 60_000, START + 1_000)
