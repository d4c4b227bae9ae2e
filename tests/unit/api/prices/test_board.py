"""The latest price of each market: later ones count, but none from a time that has not come."""

from datetime import timedelta

from api.prices.board import KEPT_SECONDS, Place, TickedPrices
from schemas.events import PriceTicked
from tests.support.sinks import SwiftClock

BTC: Place = ("sim", "spot", "BTCUSDT")


def heard(prices: TickedPrices, clock: SwiftClock, price: float, *, ahead: float = 0.0) -> None:
    at = clock.now() + timedelta(seconds=ahead)
    prices.hear(PriceTicked(exchange="sim", market_type="spot", symbol="BTCUSDT", price=price, at=at))


def test_a_price_that_comes_after_a_later_one_is_passed_over() -> None:
    clock = SwiftClock()
    prices = TickedPrices(clock)
    heard(prices, clock, 101.0)
    heard(prices, clock, 99.0, ahead=-1)
    assert prices.of([BTC]) == {BTC: 101.0}


def test_a_price_of_tomorrow_is_one_of_now() -> None:
    clock = SwiftClock()
    prices = TickedPrices(clock)
    heard(prices, clock, 99.0, ahead=86_400)
    clock.time += timedelta(seconds=1)
    heard(prices, clock, 101.0)
    assert prices.of([BTC]) == {BTC: 101.0}


def test_one_that_nobody_repeated_holds_up_none() -> None:
    clock = SwiftClock()
    prices = TickedPrices(clock)
    heard(prices, clock, 99.0)
    clock.time += timedelta(seconds=KEPT_SECONDS + 1)
    heard(prices, clock, 101.0, ahead=-86_400)
    assert prices.of([BTC]) == {BTC: 101.0}
