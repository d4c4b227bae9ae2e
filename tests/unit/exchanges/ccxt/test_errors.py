"""Every error that ccxt knows becomes one of ours."""

import inspect

import ccxt
import pytest
from ccxt.base import errors

from exchanges.ccxt.errors import http_refusal, parse_retry_after, to_strandline_error, translate_errors
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


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("7", None, 7.0),
        ("0.5", None, 0.5),
        ("-3", None, 0.0),
        ("99999999", None, 3 * 86_400.0),
        ("nan", None, None),
        ("soon", None, None),
        (None, None, None),
        ("Mon, 05 Jan 2026 12:00:30 GMT", "Mon, 05 Jan 2026 12:00:00 GMT", 30.0),
        ("Mon, 05 Jan 2026 12:00:30 -0000", "Mon, 05 Jan 2026 12:00:00 GMT", None),
    ],
)
def test_retry_after_is_parsed(value: str | None, date: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, date) == seconds


def test_refusal_follows_the_status() -> None:
    assert http_refusal("x", 200, {"Retry-After": "3"}) is None
    assert http_refusal("x", 503, {}) is None
    asked = http_refusal("x", 429, {"retry-after": "3"})
    assert asked is not None
    assert asked.retry_after == 3.0
    assert http_refusal("x", 418, {}) is not None
