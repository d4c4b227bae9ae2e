"""What the analyzer publishes for which request, and when: on a recording broker, by a clock that tests move."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.ports import Message, MessageTooLarge, Record
from consumers.analyzer.decode import IncomingRequest, decode_request
from runtime.errors import Malformed, Transient
from schemas.topics import REQUESTS, RESULTS
from tests.support.analyzing import AnalyzerBench, handle_while_time_passes
from tests.support.clock import START
from tests.support.deadlines import within
from tests.support.markets import ScriptedSource, series

LAST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""


async def test_request_ends_with_a_result_that_names_it() -> None:
    bench = AnalyzerBench(ScriptedSource(series(400, last_price=101.25)))
    await bench.handle({"symbol": "BTCUSDT", "request_id": "my-7", "limit": 100})
    (result,) = bench.results
    assert result["request_ids"] == ["my-7"]
    assert result["market"] == {
        "exchange": "binance",
        "symbol": "BTCUSDT",
        "market_type": "spot",
        "timeframe": "1h",
    }
    assert result["input_limit"] == 400
    assert result["last_price"] == 101.25
    assert result["levels"]
    assert all(price < 101.25 for price in result["support_levels"])
    assert all(price > 101.25 for price in result["resistance_levels"])
    assert bench.source.calls == [("binance:spot:BTCUSDT:1h", 2_000)]


async def test_result_too_large_for_the_broker_fails_its_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = AnalyzerBench()
    publish = bench.broker.publish

    async def picky(message: Message, *, timeout: float | None = None) -> Record:
        if message.topic == RESULTS.name:
            raise MessageTooLarge("2 MB, of 1 MB allowed")
        return await publish(message, timeout=timeout)

    monkeypatch.setattr(bench.broker, "publish", picky)
    await bench.handle({"symbol": "BTCUSDT", "request_id": "my-7"})
    (failure,) = bench.failures
    assert (failure["request_ids"], failure["reason"]) == (["my-7"], "internal")
    assert failure["message"] == "2 MB, of 1 MB allowed"


async def test_request_sent_twice_waits_for_its_later_deadline() -> None:
    bench = AnalyzerBench(ScriptedSource(Transient("away"), Transient("away")))
    soon, late = START + timedelta(seconds=60), START + timedelta(seconds=600)
    first = bench.decode({"symbol": "BTCUSDT", "request_id": "my-7", "expires_at": soon.isoformat()})
    again = bench.decode({"symbol": "BTCUSDT", "request_id": "my-7", "expires_at": late.isoformat()})
    invalid = bench.decode({"symbol": "?"})
    assert bench.analyzer.deadline(invalid) is None
    assert bench.analyzer.deadline(first) == soon
    handling = [asyncio.create_task(bench.analyzer.handle([asked])) for asked in (first, again)]
    await within(bench.clock.wait_for_sleepers())
    assert bench.analyzer.deadline(first) == late
    for task in handling:
        task.cancel()
    await within(asyncio.wait(handling))


async def test_equal_requests_that_wait_together_cost_one_fetch_and_one_event() -> None:
    bench = AnalyzerBench()
    await bench.handle(*({"symbol": "BTCUSDT", "request_id": f"r{n}"} for n in range(3)))
    assert [result["request_ids"] for result in bench.results] == [["r0", "r1", "r2"]]
    assert len(bench.source.calls) == 1


async def test_thousand_equal_requests_become_two_events() -> None:
    bench = AnalyzerBench()
    await bench.handle(*({"symbol": "BTCUSDT", "request_id": f"r{n}"} for n in range(1_000)))
    assert [len(result["request_ids"]) for result in bench.results] == [500, 500]
    assert len(bench.source.calls) == 1


async def test_recent_series_is_used_for_five_seconds() -> None:
    bench = AnalyzerBench()
    await bench.handle({"symbol": "BTCUSDT", "request_id": "a"})
    await bench.clock.advance(4.9)
    await bench.handle({"symbol": "BTCUSDT", "request_id": "b"})
    assert len(bench.source.calls) == 1
    await bench.clock.advance(0.2)
    await bench.handle({"symbol": "BTCUSDT", "request_id": "c"})
    assert len(bench.source.calls) == 2
    assert [result["request_ids"] for result in bench.results] == [["a"], ["b"], ["c"]]


async def test_recent_series_is_not_used_after_the_next_close() -> None:
    bench = AnalyzerBench()
    await bench.clock.advance(60 * 60 - 1)
    await bench.handle({"symbol": "BTCUSDT", "request_id": "a"})
    await bench.clock.advance(2)
    await bench.handle({"symbol": "BTCUSDT", "request_id": "b"})
    assert len(bench.source.calls) == 2


async def test_request_after_a_close_does_not_join_a_fetch_from_before_it() -> None:
    source = ScriptedSource(series())
    source.gate = asyncio.Event()
    bench = AnalyzerBench(source)
    await bench.clock.advance(60 * 60 - 0.1)
    before = asyncio.create_task(bench.handle({"symbol": "BTCUSDT", "request_id": "before"}))
    await within(source.asked.wait())
    await bench.clock.advance(0.3)
    after = asyncio.create_task(bench.handle({"symbol": "BTCUSDT", "request_id": "after"}))
    await within(bench.clock.wait_for_sleepers())
    source.gate.set()
    await within(asyncio.gather(before, after))
    await within(bench.handle({"symbol": "BTCUSDT", "request_id": "later"}))
    assert [result["request_ids"] for result in bench.results] == [["before"], ["after"], ["later"]]
    assert len(source.calls) == 2


async def test_market_queue_is_not_starved_by_a_stream_of_equal_requests() -> None:
    bench = AnalyzerBench()
    published = bench.broker.publish
    count = 0

    async def publish_and_ask_again(message: Message, *, timeout: float | None = None) -> Record:
        nonlocal count
        count += 1
        if count <= 20:
            more.append(
                asyncio.create_task(bench.handle({"symbol": "BTCUSDT", "request_id": f"more{count}"}))
            )
            await asyncio.sleep(0)
        return await published(message, timeout=timeout)

    more: list[asyncio.Task[None]] = []
    bench.broker.publish = publish_and_ask_again  # type: ignore[method-assign]
    await within(
        bench.handle(
            {"symbol": "BTCUSDT", "request_id": "first"},
            {"symbol": "BTCUSDT", "request_id": "other", "limit": 3_000},
        )
    )
    await within(asyncio.gather(*more))
    answered = [result["request_ids"] for result in bench.results]
    assert answered.index(["other"]) <= 1


async def test_requests_with_different_limits_are_not_coalesced() -> None:
    bench = AnalyzerBench()
    await bench.handle(
        {"symbol": "BTCUSDT", "request_id": "a"}, {"symbol": "BTCUSDT", "request_id": "b", "limit": 3_000}
    )
    assert [result["request_ids"] for result in bench.results] == [["a"], ["b"]]


async def test_completed_request_is_not_analyzed_again() -> None:
    bench = AnalyzerBench()
    await bench.handle({"symbol": "BTCUSDT", "request_id": "a"})
    await bench.clock.advance(60)
    await bench.handle({"symbol": "BTCUSDT", "request_id": "a"})
    assert len(bench.results) == len(bench.source.calls) == 1


async def test_refusal_whose_key_is_too_large_is_published_without_it() -> None:
    bench = AnalyzerBench()
    published = bench.broker.publish

    async def publish(message: Message, *, timeout: float | None = None) -> Record:
        if message.key is not None:
            raise MessageTooLarge("1,000,001 bytes")
        return await published(message, timeout=timeout)

    bench.broker.publish = publish  # type: ignore[method-assign]
    await bench.analyzer.handle([bench.decode({"symbol": "BTCUSDT", "limit": 0}, key=b"k" * 1_000_000)])
    assert [failure["reason"] for failure in bench.failures] == ["invalid_request"]


async def test_failure_message_is_cut_to_1000_characters() -> None:
    bench = AnalyzerBench()
    await bench.handle({"symbol": "BTCUSDT", "params": {"method": "x" * 1_000_000}})
    (failure,) = bench.failures
    assert failure["reason"] == "invalid_request"
    assert len(failure["message"]) == 1_000


async def test_invalid_request_fails_under_its_own_record_key() -> None:
    bench = AnalyzerBench()
    await bench.analyzer.handle(
        [bench.decode({"symbol": "BTCUSDT", "limit": 0, "request_id": "my-7"}, key=b"k")]
    )
    (failure,) = bench.failures
    assert (failure["request_ids"], failure["market"], failure["reason"]) == (
        ["my-7"],
        None,
        "invalid_request",
    )
    assert bench.broker.messages[0].key == b"k"


async def test_refusal_continues_the_trace_of_its_request() -> None:
    bench = AnalyzerBench()
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = (("traceparent", f"00-{trace}-b7ad6b7169203331-01".encode()),)
    record = Record(REQUESTS.name, 0, 0, None, b'{"symbol": "BTCUSDT", "limit": 0}', headers, 0)
    await bench.analyzer.handle([bench.analyzer.decode(record)])
    (failure,) = headers_of(bench.broker.messages)
    assert failure["traceparent"].decode().startswith(f"00-{trace}-")


async def test_request_without_an_id_is_named_by_its_offset() -> None:
    bench = AnalyzerBench()
    await bench.handle({"symbol": "BTCUSDT"})
    assert bench.results[0]["request_ids"] == ["kafka:strandline.requests.v1:3:0"]


@pytest.mark.parametrize("value", [b"", b"\xff\xfe", b"[]", b'"BTCUSDT"', b"{", b"NaN", b"[" * 100_000, b"7"])
def test_decode_raises_malformed_for_anything_but_a_json_object(value: bytes) -> None:
    with pytest.raises(Malformed):
        AnalyzerBench().decode(value)


async def test_result_is_published_until_it_is_acknowledged() -> None:
    bench = AnalyzerBench(refusals=3)
    await handle_while_time_passes(bench, {"symbol": "BTCUSDT", "request_id": "a"})
    assert [result["request_ids"] for result in bench.results] == [["a"]]


@pytest.mark.parametrize("timestamp_ms", [-1, 0, 10**15, 2**62])
def test_decode_replaces_a_timestamp_outside_the_calendar(timestamp_ms: int) -> None:
    bench = AnalyzerBench()
    record = Record(REQUESTS.name, 0, 0, None, b'{"symbol": "BTCUSDT"}', (), timestamp_ms)
    incoming = bench.analyzer.decode(record)
    assert isinstance(incoming, IncomingRequest)
    assert incoming.request.expires_at == START.replace(hour=13)


@pytest.mark.parametrize("expires_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
async def test_request_with_an_expiry_outside_utc_is_refused(expires_at: str) -> None:
    bench = AnalyzerBench()
    await bench.handle({"symbol": "BTCUSDT", "request_id": "a", "expires_at": expires_at})
    assert [failure["reason"] for failure in bench.failures] == ["invalid_request"]


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.sampled_from(
        ["symbol", "exchange", "market_type", "timeframe", "limit", "request_id", "expires_at", "params"]
    ),
    st.integers(-(2**63), 2**63 - 1) | st.integers(LAST_MS - 7_200_000, LAST_MS + 7_200_000),
)
def test_decode_accepts_any_json_value_in_any_field(value: object, field: str, timestamp_ms: int) -> None:
    body = json.dumps({"symbol": "BTCUSDT"} | {field: value}).encode()
    record = Record(REQUESTS.name, 0, 0, None, body, (), timestamp_ms)
    assert decode_request(record, exchange="binance", now=START).request_id


def headers_of(messages: Sequence[Message]) -> list[dict[str, bytes]]:
    return [dict(message.headers) for message in messages]


async def test_result_continues_the_trace_of_its_request() -> None:
    bench = AnalyzerBench()
    trace = "0af7651916cd43dd8448eb211c80319c"
    record = Record(
        REQUESTS.name,
        0,
        0,
        None,
        b'{"symbol": "BTCUSDT"}',
        (("traceparent", f"00-{trace}-b7ad6b7169203331-01".encode()),),
        0,
    )
    await bench.analyzer.handle([bench.analyzer.decode(record)])
    (headers,) = headers_of(bench.broker.messages)
    assert headers["traceparent"].decode().startswith(f"00-{trace}-")
