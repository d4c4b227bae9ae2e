"""Events as they are written to and read from topics."""

import json
import uuid
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from schemas.cloudevents import from_headers, traceparent
from schemas.events import AnalysisCompleted, AnalysisFailed, split_request_ids
from schemas.market import Market
from schemas.requests import AnalysisRequested
from schemas.topics import encode_completed, encode_failed, encode_request

AT = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
MARKET = Market.of("binance", "BTCUSDT")
LEVEL = {
    "level_id": "S1700000000000",
    "side": "support",
    "origin_side": "support",
    "price": 64000.5,
    "low": 63990.0,
    "high": 64010.0,
    "score": 4.2,
    "score_parts": {"touches": 3.0, "volume": 0.7, "distance": 0.5, "direction": 0.0},
    "touches": 3,
    "bounces": 2,
    "breaks": 1,
    "first_touch_at": AT,
    "last_touch_at": AT,
    "confirmed_at": AT,
    "windows": [5, 10],
    "distance_pct": 2.2,
}


def completed(**changed: object) -> AnalysisCompleted:
    fields = {
        "request_ids": ["my-7"],
        "market": MARKET,
        "input_limit": 1999,
        "last_price": 65432.1,
        "candle_at": AT.replace(minute=0, second=0, microsecond=0),
        "analyzed_at": AT,
        "support_levels": [64000.5],
        "resistance_levels": [],
        "levels": [LEVEL],
        "algorithm": "strandline/1",
        "params_hash": "p",
        "candles_hash": "c",
    }
    return AnalysisCompleted.model_validate(fields | changed)


def test_result_event_has_documented_fields() -> None:
    payload = json.loads(encode_completed(completed(), source="/test").value)
    assert list(payload) == [
        *("request_ids", "market", "input_limit", "last_price", "candle_at", "analyzed_at", "support_levels"),
        *("resistance_levels", "levels", "algorithm", "params_hash", "candles_hash"),
    ]
    assert list(payload["market"]) == ["exchange", "symbol", "market_type", "timeframe"]
    assert list(payload["levels"][0]) == [
        *LEVEL,
        "p_hold",
        "placebo",
        "n",
        "p_reach_24",
        "p_reach_100",
        "distance_atr",
    ]
    assert payload["candle_at"] == "2026-11-22T12:00:00Z"
    assert payload["analyzed_at"] == "2026-11-22T12:00:00.123456Z"


def test_result_event_has_notes_only_where_there_are_some() -> None:
    noted = completed().model_copy(update={"notes": ("3 rows were dropped",)})
    payload = json.loads(encode_completed(noted, source="/test").value)
    assert payload["notes"] == ["3 rows were dropped"]


def test_result_event_has_cloudevents_headers() -> None:
    encoded = encode_completed(completed(), source="/test", traceparent="00-t-s-00")
    headers = dict(encoded.headers)
    assert headers["ce_specversion"] == b"1.0"
    assert headers["ce_type"] == b"strandline.AnalysisCompleted.v1"
    assert headers["ce_subject"] == b"binance:spot:BTCUSDT:1h" == encoded.key
    assert headers["content-type"] == b"application/json"
    assert encoded.topic == "strandline.results.v1"
    attributes = from_headers(encoded.headers)
    assert attributes is not None
    assert (attributes.time, attributes.source, attributes.traceparent) == (AT, "/test", "00-t-s-00")


def test_result_event_id_repeats_only_for_equal_results() -> None:
    event = completed(request_ids=["b", "a"])
    assert uuid.UUID(event.event_id).version == 5
    assert completed(request_ids=["a", "b"], analyzed_at=AT.replace(year=2027)).event_id == event.event_id
    for change in ({"candles_hash": "d"}, {"params_hash": "q"}, {"request_ids": ["a"]}):
        assert completed(**change).event_id != event.event_id


def test_result_event_ignores_unknown_fields() -> None:
    payload = json.loads(encode_completed(completed(), source="/test").value) | {"colour": "red"}
    assert AnalysisCompleted.model_validate(payload) == completed()


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_result_event_refuses_non_finite_numbers(number: float) -> None:
    with pytest.raises(ValidationError):
        completed(last_price=number)


def test_event_numbers_have_twelve_significant_digits() -> None:
    assert completed(last_price=0.1 + 0.2).last_price == 0.3


def test_failure_event_without_market_keeps_record_key() -> None:
    event = AnalysisFailed(
        request_ids=("x",), market=None, reason="invalid_request", message="m", attempts=0, failed_at=AT
    )
    encoded = encode_failed(event, source="/test", key=b"as it came")
    assert encoded.key == b"as it came"
    assert "ce_subject" not in dict(encoded.headers)
    assert json.loads(encoded.value)["market"] is None


def test_request_event_is_keyed_by_market() -> None:
    request = AnalysisRequested.read({"symbol": "BTCUSDT"}, exchange="binance", request_id="x", at=AT)
    assert encode_request(request, source="/test", at=AT).key == b"binance:spot:BTCUSDT:1h"


def test_from_headers_returns_none_for_plain_record() -> None:
    assert from_headers(()) is None
    assert from_headers((("ce_specversion", b"0.3"),)) is None
    assert traceparent((("traceparent", b"00-x"),)) == "00-x"


def test_split_request_ids_limits_batch_to_five_hundred() -> None:
    batches = split_request_ids([f"r{n}" for n in range(1_001)] + ["r0"])
    assert [len(batch) for batch in batches] == [500, 500, 1]
