"""Every error that ccxt knows becomes one of ours."""

import inspect

import ccxt
import pytest
from ccxt.base import errors

from exchanges.ccxt.errors import (
    http_refusal,
    mark_status,
    refusal_kind,
    to_strandline_error,
    translate_errors,
)
from runtime.errors import Permanent, Transient

TREE = sorted(
    (kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ccxt.BaseError)),
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_translation_covers_the_whole_ccxt_tree(kind: type[ccxt.BaseError]) -> None:
    ours = to_strandline_error("binance", kind("binance refused"))
    assert isinstance(ours, Transient | Permanent)
    assert "binance refused" in str(ours)
    if issubclass(kind, ccxt.OperationFailed):
        assert isinstance(ours, Transient)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ccxt.BadSymbol('binance {"code":-1121,"msg":"Invalid symbol."}'), "unknown_symbol"),
        (ccxt.BadRequest('binance {"code":-1120,"msg":"Invalid interval."}'), "bad_timeframe"),
        (ccxt.BadRequest("binance parameter 'limit' is not valid"), "internal"),
        (ccxt.PermissionDenied("no"), "internal"),
    ],
)
def test_translation_sets_the_reason(error: ccxt.BaseError, reason: str) -> None:
    ours = to_strandline_error("binance", error)
    assert isinstance(ours, Permanent)
    assert ours.reason == reason


@pytest.mark.parametrize(
    "error", [TimeoutError(), KeyError("list"), TypeError("NoneType"), ccxt.NullResponse("")]
)
def test_translation_of_unreadable_answers_is_transient(error: Exception) -> None:
    with pytest.raises(Transient), translate_errors("binance"):
        raise error


def test_translation_passes_our_own_errors() -> None:
    error = Permanent("unknown_symbol", "no")
    with pytest.raises(Permanent) as raised, translate_errors("binance"):
        raise error
    assert raised.value is error


def test_translation_shortens_long_answers() -> None:
    assert len(str(to_strandline_error("binance", ccxt.ExchangeError("x" * 10_000)))) < 400


def test_translation_names_why_no_connection_was_made() -> None:
    error = ccxt.ExchangeNotAvailable("binance GET https://api.binance.com/api/v3/time")
    error.__cause__ = OSError("Cannot connect to host api.binance.com:443 [Name or service not known]")
    ours = to_strandline_error("binance", error)
    assert isinstance(ours, Transient)
    assert str(ours).startswith(
        "binance cannot be reached: Cannot connect to host api.binance.com:443 [Name or"
    )


def test_refusal_follows_the_status() -> None:
    assert http_refusal("x", 200, {"Retry-After": "3"}) is None
    assert http_refusal("x", 503, {}) is None
    asked = http_refusal("x", 429, {"retry-after": "3"})
    assert isinstance(asked, Transient)
    assert asked.retry_after == 3.0
    assert http_refusal("x", 418, {}) is not None


NOW = "Mon, 05 Jan 2026 12:00:00 GMT"
NOW_MS = 1_767_614_400_000


@pytest.mark.parametrize(
    ("status", "headers", "body", "seconds"),
    [
        (429, {}, "", 5.0),
        (418, {}, "", 60.0),
        (
            418,
            {},
            f'{{"code":-1003,"msg":"Way too many requests; IP banned until {NOW_MS + 90_000}."}}',
            90.0,
        ),
        (403, {}, f"IP(1.2.3.4) banned until {NOW_MS // 1000 + 30}", 30.0),
        (429, {"gw-ratelimit-reset": "2500"}, '{"code":"429000","msg":"Too many requests"}', 2500.0),
        (429, {"X-Bapi-Limit-Reset-Timestamp": str(NOW_MS + 4_000)}, "too many visits", 4.0),
        (403, {}, "403, access too frequent. ban 10min", 600.0),
        (200, {}, '{"retCode":10006,"retMsg":"Too many visits. Exceeded the API Rate Limit."}', 5.0),
        (429, {}, '{"error":"slow down","retry_after":7}', 7.0),
        (400, {}, '{"msg":"Too many requests, please try again in 20 seconds"}', 20.0),
    ],
)
def test_refusal_obeys_limits_in_headers_and_bodies(
    status: int, headers: dict[str, str], body: str, seconds: float
) -> None:
    error = http_refusal("x", status, {"Date": NOW, **headers}, body)
    assert isinstance(error, Transient)
    assert error.retry_after == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (451, ""),
        (403, "The Amazon CloudFront distribution is configured to block access from your country."),
        (400, '{"code":"400302","msg":"Our services are currently unavailable in the U.S. Please use a non-U.S IP."}'),
        (403, "error code: 1009"),
        (403, '{"errors":[{"msg":"you appear to be a resident of, or trading from, a jurisdiction that violates our'
              ' terms of use"}]}'),
        (200, '{"code":0,"msg":"Service unavailable from a restricted location"}'),
        (403, '{"label":"FORBIDDEN","message":"Service is not available in your region"}'),
        (403, "Access from your country is not permitted"),
    ],
)  # fmt: skip
def test_refusal_of_a_location_is_permanent_with_advice(status: int, body: str) -> None:
    error = http_refusal("x", status, {}, body)
    assert isinstance(error, Permanent)
    assert "STRANDLINE_EXCHANGE_URLS" in str(error)


@pytest.mark.parametrize(
    "body",
    [
        '{"status":"maintain","err-code":"system-maintenance","err-msg":"System maintenance"}',
        '{"code":50001,"msg":"Service temporarily unavailable"}',
        '{"code":"503","msg":"System is being upgraded, upgrading until 12:00"}',
    ],
)
def test_refusal_for_maintenance_is_transient_whatever_the_status(body: str) -> None:
    for status in (200, 400, 503):
        assert isinstance(http_refusal("x", status, {}, body), Transient)


def test_refusal_leaves_data_alone() -> None:
    assert http_refusal("x", 200, {}, '{"data":[],"maintenance":false}') is None
    assert http_refusal("x", 200, {}, '{"serverTime":1}') is None


@pytest.mark.parametrize(
    "text",
    [
        'binance {"code":-1122,"msg":"Invalid symbol status."}',
        "kraken EQuery:Unknown asset pair",
        'okx {"code":"51001","msg":"Instrument ID does not exist"}',
        'bybit {"retCode":10001,"retMsg":"Not supported symbols"}',
        'bybit {"retCode":10001,"retMsg":"params error: Symbol Invalid"}',
        'kucoin {"code":"400100","msg":"symbol not exists"}',
        'gate {"label":"INVALID_CURRENCY_PAIR","message":"Invalid currency pair BTC_USDT"}',
        'gate {"label":"CONTRACT_NOT_FOUND","message":"contract not found"}',
        'htx {"status":"error","err-code":"bad-request","err-msg":"invalid symbol"}',
        'bitget {"code":"40034","msg":"Parameter BTCUSDT1 does not exist, symbol does not exist"}',
        'mexc {"code":-1121,"msg":"Invalid symbol."}',
        'coinbaseexchange {"message":"NotFound"}',
        'binance {"msg":"This symbol was delisted"}',
        'bitfinex ["error",10020,"symbol: invalid"]',
        'bingx {"code":100421,"msg":"this pair is currently restricted: symbol is offline"}',
        'krakenfutures {"error":"market unavailable: contract expired"}',
        'whitebit {"message":"Market is not available"}',
    ],
)
def test_translation_reads_unknown_markets_in_the_words_of_exchanges(text: str) -> None:
    ours = to_strandline_error("x", ccxt.ExchangeError(text))
    assert isinstance(ours, Permanent)
    assert ours.reason == "unknown_symbol"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ccxt.BadRequest('gate {"message":"Candlestick too long ago. Maximum 10000 points ago"}'), "start"),
        (ccxt.BadRequest('gate {"message":"Candlestick range too broad. Maximum 1000 data points"}'), "size"),
        (ccxt.ExchangeError("coinbase start must be before end"), "other"),
        (ccxt.ExchangeError('bitget {"code":"40017","msg":"Parameter limit error"}'), "size"),
        (ccxt.ExchangeError('phemex {"code":30018,"msg":"phemex.data.size.uplimt"}'), "size"),
        (ccxt.BadSymbol("x"), None),
        (ccxt.ExchangeError("internal error, please try again"), None),
        (ccxt.RequestTimeout("limit must be less"), None),
        (ccxt.RateLimitExceeded("x"), None),
        (ValueError("x"), None),
    ],
)
def test_refusal_kind_is_about_the_parameters_of_a_page(error: Exception, kind: str | None) -> None:
    assert refusal_kind(error) == kind


def test_refusal_kind_ignores_urls_and_server_errors() -> None:
    failed = ccxt.ExchangeError("x GET https://a.example/candles?limit=error&interval=invalid 500 oops")
    assert isinstance(to_strandline_error("x", failed), Transient)
    mark_status(failed, 500)
    assert refusal_kind(failed) is None
