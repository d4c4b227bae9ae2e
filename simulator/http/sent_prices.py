"""Which prices a stream sends: Binance sends nothing for a market in which nothing is traded."""

TRADE_INTERVAL_MS = 5_000
"""How often a pushed price is traded again: a stream without any price would count as lost."""


class SentPrices:
    """The last price that one connection sent of each of its streams."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], tuple[float, int]] = {}

    def take(self, stream: tuple[str, str], price: float, now: int, *, is_pushed: bool) -> bool:
        """Return whether to send `price`: one that has changed, or a pushed one that is traded again."""
        price_before, sent_at = self._last.get(stream, (None, now))
        is_due = price != price_before or (is_pushed and now - sent_at >= TRADE_INTERVAL_MS)
        if is_due:
            self._last[stream] = price, now
        return is_due
