"""Which instruments a feed follows: those of the watchlist, by exchange and market type, in its share. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import blake2b

from schemas.market import Market, MarketType

FeedDemand = Mapping[tuple[str, MarketType], Mapping[str, frozenset[str]]]
"""(exchange, market type) -> symbol -> timeframes."""


def group_markets(markets: Iterable[Market], share: str) -> FeedDemand:
    """Return the instruments of `markets` that belong to `share`, such as `2/3`."""
    number, count = map(int, share.split("/"))
    demand: defaultdict[tuple[str, MarketType], defaultdict[str, set[str]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for market in markets:
        if position(market.symbol, count) == number - 1:
            demand[market.exchange, market.market_type][market.symbol].add(market.timeframe)
    return {
        segment: {symbol: frozenset(timeframes) for symbol, timeframes in symbols.items()}
        for segment, symbols in demand.items()
    }


def group_published(
    published: Mapping[str, int], exchange: str, market_type: MarketType
) -> Mapping[str, Mapping[str, int]]:
    """Return the entries of a segment, given by market key, by symbol and timeframe."""
    grouped: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for key, opened in published.items():
        one_exchange, one_type, symbol, timeframe = (*key.split(":"), "", "", "")[:4]
        if (one_exchange, one_type) == (exchange, market_type):
            grouped[symbol][timeframe] = opened
    return grouped


def position(symbol: str, count: int) -> int:
    """Return which of `count` feeds follows a symbol, from 0; the same in every process."""
    return int.from_bytes(blake2b(symbol.encode(), digest_size=4).digest(), "big") % count
