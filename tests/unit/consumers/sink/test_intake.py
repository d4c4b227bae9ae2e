"""What the sink takes from its topics, what it calls unreadable, and what it leaves to others."""

import json
from datetime import timedelta
from typing import Any

import pytest

from broker.ports import Record
from consumers.sink.intake import Item, Queued, read_item
from runtime.errors import Malformed
from schemas.topics import FAILURES, REQUESTS, RESULTS
from tests.support.events import NOON, a_completed, a_failed, a_record, a_request, recorded

NOW = NOON + timedelta(minutes=1)


def read(record: Record) -> Item:
    return read_item(record, exchange="bybit", now=NOW)


def asked(body: Any, **changed: Any) -> Item:
    value = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    return read(a_record(REQUESTS.name, value, **changed))


@pytest.mark.parametrize("event", [a_completed(), a_failed(), a_failed(None)])
def test_results_and_failures_are_read_as_they_were_published(event: Any) -> None:
    assert read(recorded(event)).news == event


@pytest.mark.parametrize("topic", [RESULTS.name, FAILURES.name])
@pytest.mark.parametrize("value", [b"", b"{", b"\xff", b"[]", b"{}", b"null", b'{"request_ids": []}'])
def test_unreadable_results_and_failures_are_malformed(topic: str, value: bytes) -> None:
    with pytest.raises(Malformed):
        read(a_record(topic, value))


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_time_beyond_the_calendar_is_malformed(time: str) -> None:
    payload = json.loads(a_completed().model_dump_json()) | {"analyzed_at": time}
    with pytest.raises(Malformed):
        read(a_record(RESULTS.name, json.dumps(payload).encode()))


def test_what_is_wrong_is_named_and_the_value_is_not() -> None:
    payload = json.loads(a_completed().model_dump_json()) | {"last_price": "secret"}
    with pytest.raises(Malformed, match="AnalysisCompleted: last_price") as error:
        read(a_record(RESULTS.name, json.dumps(payload).encode()))
    assert "secret" not in str(error.value)


def test_a_tombstone_takes_no_row_back() -> None:
    assert read(a_record(RESULTS.name, None)).news is None


def test_a_request_of_ours_is_queued_since_it_was_published() -> None:
    request = a_request()
    assert read(recorded(request)).news == Queued(request, NOON)


def test_a_plain_request_gets_the_same_id_and_defaults_as_at_the_analyzer() -> None:
    news = asked({"symbol": "btc-usdt", "limit": 100}, partition=3, offset=17).news
    assert isinstance(news, Queued)
    assert news.request.request_id == "kafka:strandline.requests.v1:3:17"
    assert news.request.market.key == "bybit:spot:BTCUSDT:1h"
    assert news.request.limit == 2_000
    assert news.request.expires_at == NOON + timedelta(hours=1)


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
def test_what_is_no_request_is_the_analyzers_to_answer(body: Any) -> None:
    assert asked(body).news is None


@pytest.mark.parametrize("timestamp", [-1, 0, 10**15, 2**62])
def test_a_time_that_the_record_lacks_is_now(timestamp: int) -> None:
    value = a_request().model_dump_json().encode()
    record = Record(REQUESTS.name, 0, 0, None, value, (), timestamp_ms=timestamp)
    news = read(record).news
    assert isinstance(news, Queued)
    assert news.at == NOW
