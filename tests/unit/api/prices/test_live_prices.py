"""The latest price of each market; prices of future times count as present."""

from datetime import timedelta

from api.prices.live_prices import MAX_AGE, LivePrices
from exchanges.ports import Tradable
from schemas.events import PriceTicked
from tests.support.sinks import SwiftClock

BTC = Tradable("sim", "spot", "BTCUSDT")


def receive_price(prices: LivePrices, clock: SwiftClock, price: float, *, ahead: float = 0.0) -> None:
    at = clock.now() + timedelta(seconds=ahead)
    prices.update(PriceTicked(exchange="sim", market_type="spot", symbol="BTCUSDT", price=price, at=at))


def test_live_price_ignores_an_older_one() -> None:
    clock = SwiftClock()
    prices = LivePrices(clock)
    receive_price(prices, clock, 101.0)
    receive_price(prices, clock, 99.0, ahead=-1)
    assert prices.get_prices([BTC])[BTC].price == 101.0


def test_live_price_of_a_future_time_counts_as_present() -> None:
    clock = SwiftClock()
    prices = LivePrices(clock)
    receive_price(prices, clock, 99.0, ahead=86_400)
    clock.time += timedelta(seconds=1)
    receive_price(prices, clock, 101.0)
    assert prices.get_prices([BTC])[BTC].price == 101.0


def test_live_price_expires_and_is_replaced_by_an_older_time() -> None:
    clock = SwiftClock()
    prices = LivePrices(clock)
    receive_price(prices, clock, 99.0)
    clock.time += timedelta(seconds=MAX_AGE + 1)
    receive_price(prices, clock, 101.0, ahead=-86_400)
    assert prices.get_prices([BTC])[BTC].price == 101.0
