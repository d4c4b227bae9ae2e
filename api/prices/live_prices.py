"""The latest price of each market as this process has received it from the topic."""

from collections.abc import Collection
from typing import NamedTuple

from exchanges.ports import Tradable
from runtime.clock import Clock
from schemas.events import PriceTicked
from schemas.market import instrument_key
from schemas.values import clamp_future, to_ms

MAX_AGE = 60.0
"""Seconds after which a price that was not repeated is dropped: prices are published every few seconds."""


class KnownPrice(NamedTuple):
    """A price and its time (ms)."""

    price: float
    at: int


class _ReceivedPrice(NamedTuple):
    price: float
    at: int
    received_at: float
    instrument: str


class LivePrices:
    """Keeps the latest price of each market for MAX_AGE seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._latest: dict[Tradable, _ReceivedPrice] = {}
        self.updates = 0
        """Number of prices stored so far."""

    def update(self, event: PriceTicked) -> None:
        """Store a price, unless a later one is stored that has not expired."""
        market = Tradable(event.exchange, event.market_type, event.symbol)
        received = _ReceivedPrice(
            event.price,
            clamp_future(to_ms(event.at), to_ms(self._clock.now())),
            self._clock.monotonic(),
            instrument_key(event.exchange, event.market_type, event.symbol),
        )
        latest = self._latest.get(market)
        if latest is None or received.at >= latest.at or latest.received_at < received.received_at - MAX_AGE:
            self._latest[market] = received
            self.updates += 1

    def get_prices(self, markets: Collection[Tradable]) -> dict[Tradable, KnownPrice]:
        """Return the prices that are known and have not expired; other markets are omitted."""
        since = self._clock.monotonic() - MAX_AGE
        latest = ((market, self._latest.get(market)) for market in markets)
        return {
            market: KnownPrice(price.price, price.at)
            for market, price in latest
            if price is not None and price.received_at >= since
        }

    def get_all(self) -> dict[str, float]:
        """Return all prices that are known and have not expired, by instrument key."""
        since = self._clock.monotonic() - MAX_AGE
        return {
            price.instrument: price.price for price in self._latest.values() if price.received_at >= since
        }
