"""Which quotes are worth telling, and which markets are to be asked for. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from exchanges.ports import Quote, Tradable
from schemas.values import clamp_future

REPEAT_MS = 10_000
"""After so long a price that stayed the same is told again, for whoever came in between."""

QUIET = 10.0
"""Seconds: a market that its stream did not mention for so long may just stand still, but is asked for."""

RESUBSCRIBE = 30.0
"""Seconds that a stream lives at least, unless it is lost; what it does not cover is polled meanwhile."""


def timely(quotes: Iterable[Quote], now_ms: int) -> Sequence[Quote]:
    """By our clock where the exchange's is far ahead: else one stamp of tomorrow silences a market until then."""
    return [replace(quote, at=clamp_future(quote.at, now_ms)) for quote in quotes]


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


def to_poll(
    wanted: Iterable[str], covered: Collection[str], heard: Mapping[str, float], now: float
) -> frozenset[str]:
    """Of the symbols `wanted` those that no stream covers, and those not heard of lately. Times are seconds."""
    return frozenset(
        symbol for symbol in wanted if symbol not in covered or now - heard.get(symbol, -QUIET) >= QUIET
    )


def outgrown(covered: Collection[str], wanted: frozenset[str], age: float) -> bool:
    """Whether a stream is to be opened anew: for symbols that it lacks, or because most of its own are not wanted."""
    lacks = not wanted <= frozenset(covered)
    return age >= RESUBSCRIBE and (lacks or 2 * len(wanted) < len(covered))
