"""Maps stored symbols (`BTCUSDT`, with a market type) to the exchange's markets, as ccxt describes them."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from exchanges.ports import Tradable
from runtime.errors import Permanent
from schemas.market import Market, MarketType

CcxtMarket = Mapping[str, Any]
"""One value of ccxt's `exchange.markets`."""


_FACTORS = ("1000", "10000", "100000", "1000000", "1M", "K")
_QUOTES = ("USDT", "USDC", "USD")
"""How exchanges name markets of several coins: 1000PEPEUSDT, SHIB1000USDT, 1MBABYDOGEUSDT."""


def is_supported(market: CcxtMarket) -> bool:
    """Return whether it is spot or a linear perpetual, and not marked as closed by the exchange."""
    perpetual = bool(market.get("swap")) and bool(market.get("linear"))
    return (bool(market.get("spot")) or perpetual) and market.get("active") is not False


class SymbolIndex:
    """The markets of one exchange by stored symbol and market type."""

    def __init__(self, exchange: str, markets: Iterable[CcxtMarket]) -> None:
        self._exchange = exchange
        self._symbols: dict[tuple[MarketType, str], list[str]] = {}
        for market in markets:
            symbol = f"{market.get('base')}{market.get('quote')}".upper()
            # A name with other characters (`PUMP-OLD`) cannot be requested.
            if is_supported(market) and symbol.isalnum():
                names = self._symbols.setdefault((market_type_of(market), symbol), [])
                names.append(str(market["symbol"]))

    def __len__(self) -> int:
        return len(self._symbols)

    def resolve(self, market: Market) -> str:
        """Return ccxt's symbol (`BTC/USDT`, `BTC/USDT:USDT`). Raises Permanent("unknown_symbol")."""
        names = self._symbols.get((market.market_type, market.symbol), [])
        if len(names) == 1:
            return names[0]
        if names:
            raise Permanent(
                "unknown_symbol",
                f"{market.symbol} is ambiguous on {self._exchange} ({', '.join(sorted(names))}): none is analysed",
            )
        raise Permanent("unknown_symbol", self._describe_unknown(market.market_type, market.symbol))

    def select(self, market_type: MarketType, symbols: Iterable[str]) -> Mapping[str, Tradable]:
        """Return the known ones of `symbols`, by ccxt's symbol."""
        named = ((symbol, self._symbols.get((market_type, symbol), ())) for symbol in symbols)
        return {
            names[0]: Tradable(self._exchange, market_type, symbol)
            for symbol, names in named
            if len(names) == 1
        }

    def by_ccxt_symbol(self) -> Mapping[str, Tradable]:
        """Return all markets, by ccxt's symbol."""
        return {
            names[0]: Tradable(self._exchange, market_type, symbol)
            for (market_type, symbol), names in self._symbols.items()
            if len(names) == 1
        }

    def tradables(self) -> Sequence[Tradable]:
        """Return all markets, sorted, without ambiguous ones."""
        found = (key for key, names in self._symbols.items() if len(names) == 1)
        return [Tradable(self._exchange, market_type, symbol) for market_type, symbol in sorted(found)]

    def _find_scaled(self, market_type: MarketType, symbol: str) -> list[str]:
        """Return markets of a multiple of the coin, like 1000PEPEUSDT for PEPEUSDT."""
        names = [f"{factor}{symbol}" for factor in _FACTORS]
        for quote in _QUOTES:
            if symbol.endswith(quote) and symbol != quote:
                names += [f"{symbol.removesuffix(quote)}{factor}{quote}" for factor in _FACTORS]
        return [name for name in names if (market_type, name) in self._symbols]

    def _describe_unknown(self, market_type: MarketType, symbol: str) -> str:
        other: MarketType = "future" if market_type == "spot" else "spot"
        problem = f"{self._exchange} has no {market_type} market {symbol}"
        if (other, symbol) in self._symbols:
            return f"{problem}, but a {other} one: send market_type {other!r}"
        scaled = self._find_scaled(market_type, symbol)
        if scaled:
            return f"{problem}, but {' and '.join(scaled)}, whose price is that of several coins: write that"
        # Only names with the same first letter: comparing with thousands is slow.
        alike = [name for kind, name in self._symbols if kind == market_type and name[:1] == symbol[:1]]
        close = get_close_matches(symbol, alike, 3)
        if close:
            return f"{problem}; similar ones are {', '.join(close)}"
        quoted = [
            name for kind, name in self._symbols if kind == market_type and name[: len(symbol)] == symbol
        ]
        example = ", ".join(sorted(quoted, key=len)[:3]) or "BTCUSDT"
        return f"{problem}; write base and quote, like {example}"


def market_type_of(market: CcxtMarket) -> MarketType:
    return "spot" if market.get("spot") else "future"
