"""ccxt's tickers: prices as quotes, and the volume traded in 24 hours."""

import math
from collections.abc import Mapping
from typing import Any

from exchanges.ports import Quote, Tradable
from schemas.market import MarketType

Ticker = Mapping[str, Any]
"""One of ccxt's tickers, or of its last prices, which have fewer fields."""

_MINUTE_MS = 60_000

_TYPE_PARAMS: Mapping[MarketType, Mapping[str, str]] = {
    "spot": {"type": "spot"},
    "future": {"type": "swap", "subType": "linear"},
}


def find_quote_time(asked: int, answered: int) -> int | None:
    """Return the time of prices that were requested and received at two times (ms), and have none of their own.

    The earlier one, so that a price is never dated later than it is. None if a minute ended in between: a price of the
    next candle would be dated into one that does not show it.
    """
    return asked if asked // _MINUTE_MS == answered // _MINUTE_MS else None


def to_quotes(
    tickers: object, listed: Mapping[str, Tradable], *, at: int | None = None, default_at: int = 0
) -> list[Quote]:
    """Return quotes of the `listed` markets (by ccxt's symbol) that have a price in `tickers`, as of `at` (ms).

    With `at` None a quote has its ticker's own time, or `default_at` where that is missing. Raises AttributeError
    where `tickers` are no tickers at all.
    """
    by_symbol: Mapping[str, Ticker] = tickers  # type: ignore[assignment]
    pairs = ((market, by_symbol.get(symbol)) for symbol, market in listed.items())
    found = (_to_quote(market, ticker, at, default_at) for market, ticker in pairs if ticker)
    return [quote for quote in found if quote is not None]


def _to_quote(market: Tradable, ticker: Ticker, at: int | None, default_at: int) -> Quote | None:
    price = _last_price(ticker)
    if price is None:
        return None
    time = at if at is not None else ticker.get("timestamp") or default_at
    return Quote(market, price, int(time))


async def fetch_day_tickers(exchange: Any, market_type: MarketType) -> Mapping[str, Any]:
    """Return ccxt's tickers of all markets of a type by ccxt's symbol, in one call; empty where it has no such call."""
    if not exchange.has.get("fetchTickers"):
        return {}
    tickers: Mapping[str, Any] = await exchange.fetch_tickers(None, dict(_TYPE_PARAMS[market_type]))
    return tickers


def quote_volume(ticker: object) -> float | None:
    """Return the volume of 24 hours in the quote currency; None where the exchange reports none.

    Where it reports the volume in the base currency alone, that times the last price.
    """
    if not isinstance(ticker, Mapping):
        return None
    volume = _number(ticker.get("quoteVolume"), 0.0)
    base, price = _number(ticker.get("baseVolume"), 0.0), _last_price(ticker)
    return volume if volume is not None or base is None or price is None else base * price


def _last_price(ticker: Ticker) -> float | None:
    price = next((ticker[name] for name in ("price", "last", "close") if ticker.get(name) is not None), None)
    number = _number(price, 0.0)
    return number or None


def _number(value: object, smallest: float) -> float | None:
    if not isinstance(value, int | float) or not math.isfinite(value) or value < smallest:
        return None
    return float(value)
