"""Which records the sink decodes, which are malformed, and which it leaves to the analyzer."""

import json
from datetime import timedelta
from typing import Any

import pytest

from broker.ports import Record
from consumers.sink.decode import QueuedRequest, SinkEvent, decode_event
from runtime.errors import Malformed
from schemas.topics import FAILURES, REQUESTS, RESULTS
from tests.support.events import NOON, make_completed, make_failed, make_record, make_request, to_record

NOW = NOON + timedelta(minutes=1)


def read(record: Record) -> SinkEvent:
    return decode_event(record, exchange="bybit", now=NOW)


def decode_request(body: Any, **changed: Any) -> SinkEvent:
    value = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    return read(make_record(REQUESTS.name, value, **changed))


@pytest.mark.parametrize("event", [make_completed(), make_failed(), make_failed(None)])
def test_decode_event_returns_published_result_or_failure(event: Any) -> None:
    assert read(to_record(event)).event == event


@pytest.mark.parametrize("topic", [RESULTS.name, FAILURES.name])
@pytest.mark.parametrize("value", [b"", b"{", b"\xff", b"[]", b"{}", b"null", b'{"request_ids": []}'])
def test_decode_event_rejects_invalid_result_or_failure(topic: str, value: bytes) -> None:
    with pytest.raises(Malformed):
        read(make_record(topic, value))


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_decode_event_rejects_time_beyond_the_calendar(time: str) -> None:
    payload = json.loads(make_completed().model_dump_json()) | {"analyzed_at": time}
    with pytest.raises(Malformed):
        read(make_record(RESULTS.name, json.dumps(payload).encode()))


def test_decode_event_names_the_field_but_not_the_value() -> None:
    payload = json.loads(make_completed().model_dump_json()) | {"last_price": "secret"}
    with pytest.raises(Malformed, match="AnalysisCompleted: last_price") as error:
        read(make_record(RESULTS.name, json.dumps(payload).encode()))
    assert "secret" not in str(error.value)


def test_decode_event_ignores_tombstone() -> None:
    assert read(make_record(RESULTS.name, None)).event is None


def test_decode_event_queues_request_at_its_publication_time() -> None:
    request = make_request()
    assert read(to_record(request)).event == QueuedRequest(request, NOON)


def test_decode_event_fills_defaults_as_the_analyzer_does() -> None:
    event = decode_request({"symbol": "btc-usdt", "limit": 100}, partition=3, offset=17).event
    assert isinstance(event, QueuedRequest)
    assert event.request.request_id == "kafka:strandline.requests.v1:3:17"
    assert event.request.market.key == "bybit:spot:BTCUSDT:1h"
    assert event.request.limit == 2_000
    assert event.request.expires_at == NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    "body",
    [
        None,
        b"",
        b"\xff\xfe",
        b"{",
        b"[1]",
        b'"BTCUSDT"',
        b"{}",
        b"[" * 100_000,
        {"symbol": "BTCUSDT", "limit": 0},
        {"symbol": "BTCUSDT", "limit": 10**9},
        {"symbol": "BTCUSDT", "timeframe": "7h"},
        {"symbol": "BTCUSDT", "expires_at": "0001-01-01T00:00:00+14:00"},
        {"symbol": "?"},
    ],
)
def test_decode_event_leaves_invalid_request_to_the_analyzer(body: Any) -> None:
    assert decode_request(body).event is None


@pytest.mark.parametrize("timestamp", [-1, 0, 10**15, 2**62])
def test_decode_event_replaces_missing_time_by_now(timestamp: int) -> None:
    value = make_request().model_dump_json().encode()
    record = Record(REQUESTS.name, 0, 0, None, value, (), timestamp_ms=timestamp)
    event = read(record).event
    assert isinstance(event, QueuedRequest)
    assert event.queued_at == NOW
