"""Requests and answers as OpenAPI shows them."""

from typing import Annotated, Any

from fastapi import Body

from schemas.requests import RequestBody

_REQUESTS: dict[str, Any] = {
    "least": {"summary": "Only a symbol is required", "value": {"symbol": "BTC/USDT"}},
    "existing callers": {
        "summary": "As callers of the first analysis service send it",
        "value": {
            "exchange": "binance",
            "symbol": "BTCUSDT",
            "market_type": "spot",
            "timeframe": "1h",
            "limit": 100,
        },
    },
    "named": {
        "summary": "With an id of one's own: sending it twice is safe",
        "value": {"symbol": "ETHUSDT", "market_type": "future", "timeframe": "4h", "request_id": "my-7"},
    },
}

AskedFor = Annotated[RequestBody, Body(openapi_examples=_REQUESTS)]
"""The body of every route that takes a request."""
