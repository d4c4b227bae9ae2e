"""Whether a market's trades make the exchange's own candles, by the last comparison. Pure."""

from collections.abc import Iterable

from exchanges.ports import Candle

_REMEMBERED = 70
"""Built minutes that are remembered, to be compared: as many as a sample has."""


class TradeProof:
    """Holds built minutes back until one was equal to the exchange's, and again once one was not."""

    def __init__(self) -> None:
        self._is_proven = False
        self._built: dict[int, Candle | None] = {}
        self._held: set[int] = set()

    def admit(self, time: int, candle: Candle | None) -> bool:
        """Take a built minute; return whether it may be closed so. Otherwise it is to be fetched, which compares it."""
        self._built[time] = candle
        while len(self._built) > _REMEMBERED:
            self._held.discard(oldest := min(self._built))
            del self._built[oldest]
        if not self._is_proven:
            self._held.add(time)
        return self._is_proven

    def is_open(self, time: int) -> bool:
        """Return whether a minute is held back."""
        return time in self._held

    def compare(self, fetched: Iterable[Candle]) -> None:
        """Take what the exchange returned: the newest minute that was built as well decides."""
        for candle in sorted(fetched, key=lambda one: one.time):
            built = self._built.get(candle.time)
            if candle.time in self._built:
                self._is_proven = built == candle
            self._held.discard(candle.time)
