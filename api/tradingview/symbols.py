"""TradingView's names of symbols and resolutions. Pure."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from api.http.exchange_allow_list import resolve_market
from api.http.problems import ProblemError
from runtime.settings import Settings
from schemas.http.markets import TradableMarket
from schemas.market import Market, instrument_key
from schemas.values import SIGNIFICANT_DIGITS

RESOLUTIONS: dict[str, str] = {
    "1": "1m",
    "3": "3m",
    "5": "5m",
    "15": "15m",
    "30": "30m",
    "60": "1h",
    "120": "2h",
    "240": "4h",
    "360": "6h",
    "480": "8h",
    "720": "12h",
    "1D": "1d",
    "3D": "3d",
    "1W": "1w",
    "1M": "1M",
}
"""Timeframe by resolution: minutes, days, weeks, months."""

_UNCOUNTED = {"D": "1D", "W": "1W", "M": "1M"}
_MAX_DECIMALS = 12


def parse_resolution(text: str) -> str:
    """Return the timeframe of a resolution. Raises ProblemError (422)."""
    name = _UNCOUNTED.get(text, text)
    if name not in RESOLUTIONS:
        raise ProblemError(422, f"resolution: {text[:10]!r} is unknown: use one of {', '.join(RESOLUTIONS)}")
    return RESOLUTIONS[name]


def parse_ticker(text: str, timeframe: str, settings: Settings) -> Market:
    """Return the market of `binance:spot:BTCUSDT`, `BINANCE:BTCUSDT`, `BTCUSDT` or `BTCUSDT.P`. Raises ProblemError."""
    parts = text.split(":")
    exchange = parts[0] if len(parts) > 1 else None
    symbol = parts[-1]
    market_type = parts[1] if len(parts) == 3 else "future" if symbol.upper().endswith(".P") else "spot"
    if len(parts) > 3 or market_type not in {"spot", "future"}:
        raise ProblemError(422, f"symbol: {text[:60]!r} is none: use exchange:market_type:symbol")
    return resolve_market(exchange, symbol, market_type, timeframe, settings)  # type: ignore[arg-type]


def describe_symbol(market: Market, prices: Iterable[float]) -> dict[str, Any]:
    """Return what the charting library wants to know of a symbol; the tick follows from some of its prices."""
    return {
        "name": market.symbol,
        "ticker": market.instrument,
        "full_name": market.instrument,
        "description": _describe(market),
        "type": "crypto",
        "session": "24x7",
        "timezone": "Etc/UTC",
        "exchange": market.exchange,
        "listed_exchange": market.exchange,
        "format": "price",
        "minmov": 1,
        "pricescale": 10 ** max((count_decimals(price) for price in prices), default=2),
        "has_intraday": True,
        "has_daily": True,
        "has_weekly_and_monthly": True,
        "supported_resolutions": list(RESOLUTIONS),
        "volume_precision": 8,
        "data_status": "streaming",
    }


def describe_match(market: TradableMarket) -> dict[str, Any]:
    """Return a market as an item of a search."""
    ticker = instrument_key(market.exchange, market.market_type, market.symbol)
    return {
        "symbol": market.symbol,
        "full_name": ticker,
        "ticker": ticker,
        "description": _describe(market),
        "exchange": market.exchange,
        "type": market.market_type,
    }


def count_decimals(price: float) -> int:
    """Return how many decimals a price is written with, of its 12 significant digits."""
    digits = Decimal(f"{price:.{SIGNIFICANT_DIGITS}g}").normalize()
    return min(max(0, -int(digits.as_tuple().exponent)), _MAX_DECIMALS)


def _describe(market: Market | TradableMarket) -> str:
    return f"{market.symbol} {market.market_type} on {market.exchange}"
