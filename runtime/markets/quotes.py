"""From ccxt's tickers to quotes. Pure."""

import math
from collections.abc import Mapping
from typing import Any

from runtime.markets.ports import Quote, Tradable

Ticker = Mapping[str, Any]
"""One of ccxt's tickers, or of its last prices, which have fewer fields."""


def quotes(tickers: object, listed: Mapping[str, Tradable], at: int | None = None) -> list[Quote]:
    """Of `tickers` (by ccxt's symbol) those that are `listed` and have a price, as of `at` (ms).

    `at` None: as of what each ticker says itself, and none for those that do not say. Raises AttributeError where
    these are no tickers at all.
    """
    found: Mapping[str, Ticker] = tickers  # type: ignore[assignment]
    seen = ((market, found.get(name)) for name, market in listed.items())
    made = (_quote(market, ticker, at) for market, ticker in seen if ticker)
    return [quote for quote in made if quote is not None]


def _quote(market: Tradable, ticker: Ticker, at: int | None) -> Quote | None:
    price = next((ticker[name] for name in ("price", "last", "close") if ticker.get(name) is not None), None)
    time = ticker.get("timestamp") if at is None else at
    if not isinstance(price, int | float) or not math.isfinite(price) or price <= 0 or time is None:
        return None
    return Quote(market, float(price), int(time))
