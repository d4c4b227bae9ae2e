"""Which quotes are published, which symbols are polled, and when a stream is replaced. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from exchanges.ports import Quote, Tradable
from schemas.values import clamp_future

REPEAT_MS = 10_000
"""An unchanged price is published again after this time, for consumers that started since."""

MAX_SILENCE = 10.0
"""Seconds without a quote after which a symbol is polled although a stream covers it: its price may just be still."""

MIN_STREAM_SECONDS = 30.0
"""A stream is replaced no earlier, unless it is lost; symbols that it does not cover are polled until then."""


def clamp_times(quotes: Iterable[Quote], now_ms: int) -> Sequence[Quote]:
    """Replace times that are far ahead of our clock: one of tomorrow would silence its market until then."""
    return [replace(quote, at=clamp_future(quote.at, now_ms)) for quote in quotes]


def select_changes(published: Mapping[Tradable, Quote], quotes: Iterable[Quote]) -> list[Quote]:
    """Return the newest quote of each market, if it is later than the published one and changed, or due again."""
    newest: dict[Tradable, Quote] = {}
    for quote in quotes:
        if quote.market not in newest or quote.at >= newest[quote.market].at:
            newest[quote.market] = quote
    return [quote for quote in newest.values() if _is_change(published.get(quote.market), quote)]


def _is_change(published: Quote | None, quote: Quote) -> bool:
    if published is None:
        return True
    return quote.at > published.at and (
        quote.price != published.price or quote.at - published.at >= REPEAT_MS
    )


def select_symbols_to_poll(
    symbols: Iterable[str], covered: Collection[str], quoted_at: Mapping[str, float], now: float
) -> frozenset[str]:
    """Return the symbols that no stream covers, and those without a quote for 10 s. Times are seconds."""
    return frozenset(
        symbol
        for symbol in symbols
        if symbol not in covered or now - quoted_at.get(symbol, -MAX_SILENCE) >= MAX_SILENCE
    )


def needs_new_stream(covered: Collection[str], symbols: frozenset[str], age: float) -> bool:
    """Whether to replace a stream: it lacks symbols, or most of its own are no longer in demand."""
    lacks = not symbols <= frozenset(covered)
    return age >= MIN_STREAM_SECONDS and (lacks or 2 * len(symbols) < len(covered))
