"""The body of routes that take an analysis request, with examples for OpenAPI."""

from typing import Annotated, Any

from fastapi import Body

from schemas.requests import RequestBody

_REQUESTS: dict[str, Any] = {
    "minimal": {"summary": "Only a symbol is required", "value": {"symbol": "BTC/USDT"}},
    "existing callers": {
        "summary": "As existing callers send it",
        "value": {
            "exchange": "binance",
            "symbol": "BTCUSDT",
            "market_type": "spot",
            "timeframe": "1h",
            "limit": 100,
        },
    },
    "with id": {
        "summary": "With an id of the caller: safe to send twice",
        "value": {"symbol": "ETHUSDT", "market_type": "future", "timeframe": "4h", "request_id": "my-7"},
    },
}

AnalysisBody = Annotated[RequestBody, Body(openapi_examples=_REQUESTS)]
