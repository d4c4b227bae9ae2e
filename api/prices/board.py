"""The latest price of each market as this process heard it from the topic."""

from collections.abc import Collection
from typing import NamedTuple

from runtime.clock import Clock
from schemas.events import PriceTicked
from schemas.market import MarketType
from schemas.values import clamp_future, to_ms

KEPT_SECONDS = 60.0
"""A price that nobody has repeated for so long is no longer one: prices are told again every few seconds."""

Place = tuple[str, MarketType, str]
"""exchange, market type, symbol."""


class _Heard(NamedTuple):
    price: float
    at: int
    monotonic: float


class TickedPrices:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._latest: dict[Place, _Heard] = {}

    def hear(self, event: PriceTicked) -> None:
        """One that comes after a later one is passed over, while that one is a price still."""
        place = (event.exchange, event.market_type, event.symbol)
        heard = _Heard(
            event.price, clamp_future(to_ms(event.at), to_ms(self._clock.now())), self._clock.monotonic()
        )
        known = self._latest.get(place)
        if known is None or heard.at >= known.at or known.monotonic < heard.monotonic - KEPT_SECONDS:
            self._latest[place] = heard

    def of(self, places: Collection[Place]) -> dict[Place, float]:
        """Those that are known."""
        since = self._clock.monotonic() - KEPT_SECONDS
        found = ((place, self._latest.get(place)) for place in places)
        return {
            place: known.price for place, known in found if known is not None and known.monotonic >= since
        }
