import pytest

from api.listener import Happening, Interest, Kind, Listener, reset
from schemas.market import Market

BTC = Market.of("binance", "BTCUSDT")
ETH = Market.of("binance", "ETHUSDT", "future", "4h")


def told(number: int, kind: Kind = "result", market: Market | None = BTC) -> Happening:
    return Happening(f"i-{number}", kind, market, "{}")


@pytest.mark.parametrize(
    ("market", "kinds", "taken"),
    [
        (None, None, [1, 2, 3, 4]),
        ("binance:spot:BTCUSDT:1h", None, [1, 4]),
        ("btc/usdt", None, [1, 4]),
        ("BTC/USDT:USDT", None, [1, 4]),
        ("BTC", None, [4]),
        (None, {"failure"}, [2, 3, 4]),
        ("ETHUSDT", {"failure"}, [2, 4]),
    ],
)
def test_an_interest_takes_its_market_and_kinds_and_every_reset(
    market: str | None, kinds: set[Kind] | None, taken: list[int]
) -> None:
    happenings = [told(1), told(2, "failure", ETH), told(3, "failure", None), reset("i-4", "why")]
    interest = Interest.of(market, frozenset(kinds) if kinds else None)
    assert [int(one.id[2:]) for one in happenings if interest.takes(one)] == taken


async def test_what_waits_is_given_in_order() -> None:
    listener = Listener(Interest(), room=3)
    for number in (1, 2, 3):
        listener.offer(told(number))
    assert [(await listener.next(1)).id for _ in range(3)] == ["i-1", "i-2", "i-3"]


async def test_a_client_that_is_too_slow_gets_a_reset_and_then_what_follows() -> None:
    listener = Listener(Interest(), room=2)
    for number in (1, 2, 3, 4):
        listener.offer(told(number))
    first, second = await listener.next(1), await listener.next(1)
    assert (first and first.kind, first and first.id) == ("reset", "i-3")
    assert second == told(4)


async def test_silence_is_none() -> None:
    assert await Listener(Interest(), room=1).next(0) is None


async def test_a_closed_listener_gives_what_waits_and_ends() -> None:
    listener = Listener(Interest(), room=2)
    listener.offer(told(1))
    listener.close()
    listener.offer(told(2))
    assert not listener.ended
    assert await listener.next(1) == told(1)
    assert listener.ended
    assert await listener.next(1) is None
