import pytest

from api.live.events import EventFilter, EventKind, StreamEvent, build_reset
from api.live.listener import StreamListener
from schemas.market import Market

BTC = Market.of("binance", "BTCUSDT")
ETH = Market.of("binance", "ETHUSDT", "future", "4h")


def make_event(number: int, kind: EventKind = "result", market: Market | None = BTC) -> StreamEvent:
    place, key = (market.instrument, market.key) if market else (None, None)
    return StreamEvent(f"i-{number}", kind, place, None if kind in {"price", "watch"} else key, "{}")


@pytest.mark.parametrize(
    ("market", "kinds", "taken"),
    [
        (None, None, [1, 2, 3, 4]),
        ("binance:spot:BTCUSDT:1h", None, [1, 4]),
        ("binance:spot:BTCUSDT:4h", None, [4]),
        ("binance:spot:BTCUSDT", None, [1, 4]),
        ("binance:future:BTCUSDT", None, [4]),
        ("btc/usdt", None, [1, 4]),
        ("BTC/USDT:USDT", None, [1, 4]),
        ("BTC", None, [4]),
        (None, {"failure"}, [2, 3, 4]),
        ("ETHUSDT", {"failure"}, [2, 4]),
    ],
)
def test_filter_matches_its_market_and_kinds_and_every_reset(
    market: str | None, kinds: set[EventKind] | None, taken: list[int]
) -> None:
    events = [
        make_event(1),
        make_event(2, "failure", ETH),
        make_event(3, "failure", None),
        build_reset("i-4", "why"),
    ]
    interest = EventFilter.parse(market, frozenset(kinds) if kinds else None)
    assert [int(one.id[2:]) for one in events if interest.matches(one)] == taken


@pytest.mark.parametrize(
    ("market", "taken"),
    [
        ("binance:spot:BTCUSDT:1h", [1, 2]),
        ("binance:spot:BTCUSDT:4h", [1, 2]),
        ("binance:spot:BTCUSDT", [1, 2]),
        ("btc-usdt", [1, 2]),
        ("binance:future:ETHUSDT:1h", [3]),
        ("binance:spot:BTCUSD:1h", []),
    ],
)
def test_filter_matches_prices_and_watches_of_every_timeframe(market: str, taken: list[int]) -> None:
    events = [make_event(1, "price"), make_event(2, "watch"), make_event(3, "price", ETH)]
    interest = EventFilter.parse(market, None)
    assert [int(one.id[2:]) for one in events if interest.matches(one)] == taken


async def test_listener_keeps_only_the_latest_price_of_a_market() -> None:
    listener = StreamListener(EventFilter(), capacity=4)
    for event in (
        make_event(1, "price"),
        make_event(2, "price", ETH),
        make_event(3),
        make_event(4, "price"),
        make_event(4, "watch"),
    ):
        listener.enqueue(event)
    given = [await listener.next(1) for _ in range(4)]
    assert [(one.id, one.kind) for one in given if one] == [
        ("i-2", "price"),
        ("i-3", "result"),
        ("i-4", "price"),
        ("i-4", "watch"),
    ]


async def test_listener_returns_events_in_order() -> None:
    listener = StreamListener(EventFilter(), capacity=3)
    for number in (1, 2, 3):
        listener.enqueue(make_event(number))
    assert [(await listener.next(1)).id for _ in range(3)] == ["i-1", "i-2", "i-3"]


async def test_listener_overflow_becomes_a_reset() -> None:
    listener = StreamListener(EventFilter(), capacity=2)
    for number in (1, 2, 3, 4):
        listener.enqueue(make_event(number))
    first, second = await listener.next(1), await listener.next(1)
    assert (first and first.kind, first and first.id) == ("reset", "i-3")
    assert second == make_event(4)


async def test_listener_returns_none_after_its_timeout() -> None:
    assert await StreamListener(EventFilter(), capacity=1).next(0) is None


async def test_listener_returns_waiting_events_after_close() -> None:
    listener = StreamListener(EventFilter(), capacity=2)
    listener.enqueue(make_event(1))
    listener.close()
    listener.enqueue(make_event(2))
    assert not listener.is_done
    assert await listener.next(1) == make_event(1)
    assert listener.is_done
    assert await listener.next(1) is None


async def test_closes_without_change_wait_once_for_each_market_and_never_overflow() -> None:
    listener = StreamListener(EventFilter(), capacity=2)
    listener.enqueue(make_event(1))
    for number in range(2, 6):
        listener.enqueue(make_event(number, "unchanged", BTC if number % 2 else ETH))
    listener.enqueue(make_event(6))
    got = [await listener.next(1.0) for _ in range(4)]
    assert [one and (one.id, one.kind) for one in got] == [
        ("i-1", "result"),
        ("i-4", "unchanged"),
        ("i-5", "unchanged"),
        ("i-6", "result"),
    ]
