"""A market named in a path by its key."""

from typing import Annotated

from fastapi import Path
from pydantic import ValidationError

from api.http.problems import ProblemError
from schemas.market import Market, parse_market_key
from schemas.requests import format_validation_error

MarketKeyPath = Annotated[
    str,
    Path(
        max_length=128,
        description="Market key: `exchange:market_type:symbol:timeframe`.",
        examples=["binance:spot:BTCUSDT:1h"],
    ),
]


def parse_market_path(market: str) -> Market:
    """Return the market of a key. Raises ProblemError (422)."""
    try:
        return parse_market_key(market)
    except ValueError as error:
        detail = format_validation_error(error) if isinstance(error, ValidationError) else str(error)
        raise ProblemError(422, f"market: {detail}") from None
