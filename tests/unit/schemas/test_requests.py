"""Requests: defaults, limits and refusals."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.requests import AnalysisRequested, InvalidRequest, default_timeout

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def read(body: dict[str, Any]) -> AnalysisRequested:
    return AnalysisRequested.read(body, exchange="binance", request_id="kafka:t:0:7", at=AT)


def test_request_needs_only_symbol() -> None:
    request = read({"symbol": "BTCUSDT"})
    assert request.market.key == "binance:spot:BTCUSDT:1h"
    assert request.limit == 2_000
    assert request.request_id == "kafka:t:0:7"
    assert request.expires_at == AT + timedelta(hours=1)
    assert request.params == {}


def test_request_limit_below_minimum_means_two_thousand() -> None:
    body = {
        "exchange": "binance",
        "symbol": "BTCUSDT",
        "market_type": "spot",
        "timeframe": "1h",
        "limit": 100,
    }
    assert read(body).limit == 2_000


def test_request_ignores_unknown_fields_and_nulls() -> None:
    request = read({"symbol": "btc/usdt", "limit": None, "exchange": None, "colour": "red", "params": None})
    assert (request.symbol, request.limit, request.params) == ("BTCUSDT", 2_000, {})


def test_request_round_trips_through_json() -> None:
    request = read({"symbol": "BTCUSDT", "limit": 5_000, "request_id": "my-7", "params": {"a": 1}})
    assert read(request.model_dump(mode="json")) == request


@pytest.mark.parametrize("limit", [0, -1, 10_001, 10**9, True, "many", 1.5])
def test_request_with_invalid_limit_keeps_callers_id(limit: object) -> None:
    with pytest.raises(InvalidRequest, match="limit") as refused:
        read({"symbol": "BTCUSDT", "limit": limit, "request_id": "my-7"})
    assert (refused.value.reason, refused.value.request_id) == ("invalid_request", "my-7")


def test_request_with_unknown_timeframe_has_own_reason() -> None:
    with pytest.raises(InvalidRequest) as refused:
        read({"symbol": "BTCUSDT", "timeframe": "7x"})
    assert refused.value.reason == "bad_timeframe"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"symbol": ""},
        {"symbol": 7},
        {"symbol": "BTC/USDT:USDT"},
        {"symbol": "BTCUSDT", "market_type": "option"},
        {"symbol": "BTCUSDT", "exchange": "bin ance"},
        {"symbol": "BTCUSDT", "expires_at": "soon"},
        {"symbol": "BTCUSDT", "expires_at": "2026-11-22T13:00:00"},
        {"symbol": "BTCUSDT", "params": []},
    ],
)
def test_request_with_invalid_body_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(body)
    assert refused.value.reason == "invalid_request"


@pytest.mark.parametrize("request_id", ["a b", "", "x" * 129, "ä", 7])
def test_request_with_invalid_id_gets_default_id(request_id: object) -> None:
    with pytest.raises(InvalidRequest, match="request_id") as refused:
        read({"symbol": "BTCUSDT", "request_id": request_id})
    assert refused.value.request_id == "kafka:t:0:7"


def test_request_error_hides_value() -> None:
    with pytest.raises(InvalidRequest) as refused:
        read({"symbol": "BTCUSDT", "limit": "s3cret-value"})
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("timeframe", "seconds"), [("1m", 60), ("5m", 300), ("1h", 3_600), ("1d", 3_600), ("1M", 3_600)]
)
def test_default_timeout_is_one_candle_from_a_minute_to_an_hour(timeframe: str, seconds: int) -> None:
    assert default_timeout(timeframe) == timedelta(seconds=seconds)


def test_request_with_an_id_of_a_closed_candle_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="close:") as refused:
        read({"symbol": "BTCUSDT", "request_id": "close:x"})
    assert (refused.value.reason, refused.value.request_id) == ("invalid_request", "close:x")
