"""Stored symbols (`BTCUSDT`, with a market type) and the exchange's own markets, as ccxt describes them."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from exchanges.ports import Tradable
from runtime.errors import Permanent
from schemas.market import Market, MarketType

CcxtMarket = Mapping[str, Any]
"""One value of ccxt's `exchange.markets`."""


def is_ours(market: CcxtMarket) -> bool:
    """Spot, or a linear perpetual; not one that the exchange says is closed. Where it says nothing it is open."""
    perpetual = bool(market.get("swap")) and bool(market.get("linear"))
    return (bool(market.get("spot")) or perpetual) and market.get("active") is not False


class SymbolIndex:
    """The markets of one exchange by what we call them."""

    def __init__(self, exchange: str, markets: Iterable[CcxtMarket]) -> None:
        self._exchange = exchange
        self._unified: dict[tuple[MarketType, str], list[str]] = {}
        for market in markets:
            symbol = f"{market.get('base')}{market.get('quote')}".upper()
            # A name with other signs in it (`PUMP-OLD`) cannot be asked for, so it need not be known.
            if is_ours(market) and symbol.isalnum():
                names = self._unified.setdefault((market_type_of(market), symbol), [])
                names.append(str(market["symbol"]))

    def __len__(self) -> int:
        return len(self._unified)

    def unified(self, market: Market) -> str:
        """ccxt's symbol (`BTC/USDT`, `BTC/USDT:USDT`). Raises Permanent("unknown_symbol")."""
        names = self._unified.get((market.market_type, market.symbol), [])
        if len(names) == 1:
            return names[0]
        if names:
            raise Permanent(
                "unknown_symbol",
                f"{market.symbol} is ambiguous on {self._exchange} ({', '.join(sorted(names))}): none is analysed",
            )
        raise Permanent("unknown_symbol", self._advice(market.market_type, market.symbol))

    def listed(self, market_type: MarketType, symbols: Iterable[str]) -> Mapping[str, Tradable]:
        """Those of `symbols` that can be asked for, by ccxt's name for them."""
        named = ((symbol, self._unified.get((market_type, symbol), ())) for symbol in symbols)
        return {
            names[0]: Tradable(self._exchange, market_type, symbol)
            for symbol, names in named
            if len(names) == 1
        }

    def names(self) -> Mapping[str, Tradable]:
        """All that can be asked for, by ccxt's name for it."""
        return {
            names[0]: Tradable(self._exchange, market_type, symbol)
            for (market_type, symbol), names in self._unified.items()
            if len(names) == 1
        }

    def tradables(self) -> Sequence[Tradable]:
        """Sorted; without those whose name is ambiguous."""
        found = (key for key, names in self._unified.items() if len(names) == 1)
        return [Tradable(self._exchange, market_type, symbol) for market_type, symbol in sorted(found)]

    def _advice(self, market_type: MarketType, symbol: str) -> str:
        other: MarketType = "future" if market_type == "spot" else "spot"
        said = f"{self._exchange} has no {market_type} market {symbol}"
        if (other, symbol) in self._unified:
            return f"{said}, but a {other} one: send market_type {other!r}"
        # Only names that begin alike, since comparing with thousands takes long.
        alike = [name for kind, name in self._unified if kind == market_type and name[:1] == symbol[:1]]
        close = get_close_matches(symbol, alike, 3)
        if close:
            return f"{said}; similar ones are {', '.join(close)}"
        return f"{said}; write base and quote, like BTCUSDT"


def market_type_of(market: CcxtMarket) -> MarketType:
    return "spot" if market.get("spot") else "future"
