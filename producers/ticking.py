"""Which quotes are worth telling. Pure."""

from collections.abc import Iterable, Mapping

from runtime.markets.ports import Quote, Tradable

REPEAT_MS = 10_000
"""After so long a price that stayed the same is told again, for whoever came in between."""


def news(told: Mapping[Tradable, Quote], quotes: Iterable[Quote]) -> list[Quote]:
    """Of `quotes` the newest of each market, if it is later than what was `told`, and other, or told long ago."""
    newest: dict[Tradable, Quote] = {}
    for quote in quotes:
        if quote.market not in newest or quote.at >= newest[quote.market].at:
            newest[quote.market] = quote
    return [quote for quote in newest.values() if _says_something(told.get(quote.market), quote)]


def _says_something(told: Quote | None, quote: Quote) -> bool:
    if told is None:
        return True
    return quote.at > told.at and (quote.price != told.price or quote.at - told.at >= REPEAT_MS)
