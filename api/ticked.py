"""The latest price of each market as this process heard it from the topic."""

from collections.abc import Collection

from runtime.clock import Clock
from schemas.events import PriceTicked
from schemas.market import MarketType

KEPT_SECONDS = 60.0
"""A price that nobody has repeated for so long is no longer one: prices are told again every few seconds."""

Place = tuple[str, MarketType, str]
"""exchange, market type, symbol."""


class TickedPrices:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._latest: dict[Place, tuple[PriceTicked, float]] = {}

    def hear(self, event: PriceTicked) -> None:
        """One that comes after a later one is passed over."""
        place = (event.exchange, event.market_type, event.symbol)
        known = self._latest.get(place)
        if known is None or event.at >= known[0].at:
            self._latest[place] = (event, self._clock.monotonic())

    def of(self, places: Collection[Place]) -> dict[Place, float]:
        """Those that are known."""
        since = self._clock.monotonic() - KEPT_SECONDS
        found = ((place, self._latest.get(place)) for place in places)
        return {place: known[0].price for place, known in found if known is not None and known[1] >= since}
