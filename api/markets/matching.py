"""Which markets match a text, best match first. Pure."""

from collections.abc import Iterable

from schemas.http.markets import TradableMarket


def find_matches(
    markets: Iterable[TradableMarket], text: str, market_type: str | None
) -> list[TradableMarket]:
    """Return the markets whose symbol contains `text`, of one type unless that is None."""
    matches = [
        market for market in markets if text in market.symbol and market_type in {None, market.market_type}
    ]
    return sorted(matches, key=lambda market: _rank(market, text))


def _rank(market: TradableMarket, text: str) -> tuple[bool, bool, str, bool]:
    # False sorts first: the symbol itself, then those that begin with the text.
    is_prefix = market.symbol.startswith(text)
    return (market.symbol != text, not is_prefix, market.symbol, market.market_type != "spot")
