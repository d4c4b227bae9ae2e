"""Weights: as the simulated exchange counts them, which has a table of its own."""

from typing import Any

import pytest

from exchanges.rate_limit.binance_weights import BinanceRequestWeights, request_weight
from exchanges.rate_limit.token_bucket import RateLimit, UsageReport
from exchanges.rate_limit.weights import CcxtRequestWeights, RequestCost
from simulator import weights

BINANCE = BinanceRequestWeights()
HOST = "https://api.example"


@pytest.mark.parametrize("system", ["spot", "futures"])
@pytest.mark.parametrize("limit", [1, 10, 99, 100, 499, 500, 1_000, 1_001, 1_500])
def test_binance_weights_match_the_simulator_for_klines(system: str, limit: int) -> None:
    asked = request_weight(system, "klines", {"symbol": "BTCUSDT", "limit": limit})
    assert asked == weights.call_weight(system == "futures", "klines", 1, limit)


@pytest.mark.parametrize("system", ["spot", "futures"])
@pytest.mark.parametrize("endpoint", ["ping", "time", "exchangeInfo", "ticker/price", "ticker/24hr"])
@pytest.mark.parametrize("symbols", [0, 1, 20, 21, 100, 101])
def test_binance_weights_match_the_simulator_for_other_calls(
    system: str, endpoint: str, symbols: int
) -> None:
    named = "[" + ",".join(['"X"'] * symbols) + "]"
    params: dict[str, Any] = {"symbols": named} if symbols > 1 else {"symbol": "X"} if symbols else {}
    futures = system == "futures"
    assert request_weight(system, endpoint, params) == weights.call_weight(futures, endpoint, symbols, 500)


def test_binance_weights_separate_spot_and_futures() -> None:
    params = {"limit": 1_000}
    assert BINANCE.cost_of(["public"], "klines", params, {}) == RequestCost("spot", 2)
    assert BINANCE.cost_of(["fapiPublic"], "klines", params, {}) == RequestCost("futures", 5)
    for api in (["fapiPublicV2"], "fapiPublicV2"):
        assert BINANCE.cost_of(api, "ticker/price", {}, {}) == RequestCost("futures", 2)
    assert BINANCE.system_of(f"{HOST}/api/v3/klines?limit=1") == "spot"
    assert BINANCE.system_of(f"{HOST}/fapi/v1/klines?limit=1") == "futures"


def test_binance_weights_read_limit_from_exchange_info() -> None:
    body = (
        '{"timezone":"UTC","serverTime":1,"rateLimits":[{"rateLimitType":"RAW_REQUESTS","interval":"MINUTE",'
        '"intervalNum":5,"limit":61000},{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,'
        '"limit":1200}],"symbols":[]}'
    )
    assert BINANCE.parse_limit(f"{HOST}/api/v3/exchangeInfo", body) == RateLimit(
        1_200, 60, 80, from_exchange=True
    )
    assert BINANCE.parse_limit(f"{HOST}/fapi/v1/exchangeInfo", body) == RateLimit(
        1_200, 60, 40, from_exchange=True
    )
    assert BINANCE.parse_limit(f"{HOST}/api/v3/klines", body) is None
    assert BINANCE.parse_limit(f"{HOST}/api/v3/exchangeInfo", '{"code":-1003}') is None


@pytest.mark.parametrize(
    ("headers", "report"),
    [
        (
            {"X-MBX-USED-WEIGHT-1M": "42", "Date": "Mon, 05 Jan 2026 12:00:45 GMT"},
            UsageReport(used=42.0, window_left=15.0),
        ),
        ({"x-mbx-used-weight-1m": "42", "date": "soon"}, None),
        ({"X-MBX-USED-WEIGHT-1M": "42"}, None),
        ({"Date": "Mon, 05 Jan 2026 12:00:45 GMT"}, None),
        ({"X-MBX-USED-WEIGHT-1M": "-1", "Date": "Mon, 05 Jan 2026 12:00:45 GMT"}, None),
    ],
)
def test_binance_weights_read_usage_from_headers(headers: dict[str, str], report: UsageReport | None) -> None:
    assert BINANCE.parse_usage(headers) == report


def test_ccxt_weights_use_the_cost_of_ccxt() -> None:
    tariff = CcxtRequestWeights(20.0, lambda *_: 5)
    assert tariff.cost_of(["public"], "v5/market/kline", {}, {}) == RequestCost("", 5)
    assert tariff.limit_for("") == RateLimit(100, 2.0, 5)
    assert tariff.parse_limit("https://api.example/exchangeInfo", "") is None
    assert tariff.parse_usage({"X-MBX-USED-WEIGHT-1M": "42"}) is None
