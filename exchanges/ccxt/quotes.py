"""From ccxt's tickers to quotes. Pure."""

import math
from collections.abc import Mapping
from typing import Any

from exchanges.ports import Quote, Tradable

Ticker = Mapping[str, Any]
"""One of ccxt's tickers, or of its last prices, which have fewer fields."""


def quotes(
    tickers: object, listed: Mapping[str, Tradable], *, at: int | None = None, otherwise: int = 0
) -> list[Quote]:
    """Of `tickers` (by ccxt's symbol) those that are `listed` and have a price, as of `at` (ms).

    `at` None: as of what each ticker says itself, and `otherwise` where it does not say. Raises AttributeError where
    these are no tickers at all.
    """
    found: Mapping[str, Ticker] = tickers  # type: ignore[assignment]
    seen = ((market, found.get(name)) for name, market in listed.items())
    made = (_quote(market, ticker, at, otherwise) for market, ticker in seen if ticker)
    return [quote for quote in made if quote is not None]


def _quote(market: Tradable, ticker: Ticker, at: int | None, otherwise: int) -> Quote | None:
    price = next((ticker[name] for name in ("price", "last", "close") if ticker.get(name) is not None), None)
    if not isinstance(price, int | float) or not math.isfinite(price) or price <= 0:
        return None
    time = at if at is not None else ticker.get("timestamp") or otherwise
    return Quote(market, float(price), int(time))
