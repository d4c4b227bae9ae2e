"""What the analyzer answers, to whom, and when: on a broker that only remembers, by a clock that tests move."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.ports import Message, MessageTooLarge, Record
from consumers.analyzer.intake import read_request
from runtime.errors import Malformed, Transient
from schemas.requests import InvalidRequest
from schemas.topics import REQUESTS, RESULTS
from tests.support.analyzing import Desk, answered_while_time_passes
from tests.support.clock import START
from tests.support.deadlines import within
from tests.support.markets import ScriptedSource, series

LAST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""


async def test_a_request_ends_with_a_result_that_names_it() -> None:
    desk = Desk(ScriptedSource(series(400, last_price=101.25)))
    await desk.handle({"symbol": "BTCUSDT", "request_id": "my-7", "limit": 100})
    (result,) = desk.results
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
    assert desk.source.calls == [("binance:spot:BTCUSDT:1h", 2_000)]


async def test_a_result_too_large_for_the_broker_ends_its_request_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk()
    publish = desk.broker.publish

    async def picky(message: Message, *, timeout: float | None = None) -> Record:
        if message.topic == RESULTS.name:
            raise MessageTooLarge("2 MB, of 1 MB allowed")
        return await publish(message, timeout=timeout)

    monkeypatch.setattr(desk.broker, "publish", picky)
    await desk.handle({"symbol": "BTCUSDT", "request_id": "my-7"})
    (failure,) = desk.failures
    assert (failure["request_ids"], failure["reason"]) == (["my-7"], "internal")
    assert failure["message"] == "2 MB, of 1 MB allowed"


async def test_a_request_may_wait_until_it_expires_and_sent_twice_until_the_later_of_its_times() -> None:
    desk = Desk(ScriptedSource(Transient("away"), Transient("away")))
    soon, late = START + timedelta(seconds=60), START + timedelta(seconds=600)
    first = desk.asked({"symbol": "BTCUSDT", "request_id": "my-7", "expires_at": soon.isoformat()})
    again = desk.asked({"symbol": "BTCUSDT", "request_id": "my-7", "expires_at": late.isoformat()})
    invalid = desk.asked({"symbol": "?"})
    assert desk.analyzer.deadline(invalid) is None
    assert desk.analyzer.deadline(first) == soon
    handling = [asyncio.create_task(desk.analyzer.handle([asked])) for asked in (first, again)]
    await within(desk.clock.asleep())
    assert desk.analyzer.deadline(first) == late
    for task in handling:
        task.cancel()
    await within(asyncio.wait(handling))


async def test_equal_requests_that_wait_together_cost_one_fetch_and_one_event() -> None:
    desk = Desk()
    await desk.handle(*({"symbol": "BTCUSDT", "request_id": f"r{n}"} for n in range(3)))
    assert [result["request_ids"] for result in desk.results] == [["r0", "r1", "r2"]]
    assert len(desk.source.calls) == 1


async def test_a_thousand_equal_requests_become_two_events() -> None:
    desk = Desk()
    await desk.handle(*({"symbol": "BTCUSDT", "request_id": f"r{n}"} for n in range(1_000)))
    assert [len(result["request_ids"]) for result in desk.results] == [500, 500]
    assert len(desk.source.calls) == 1


async def test_a_request_joins_a_fetch_that_ended_just_now_and_not_an_older_one() -> None:
    desk = Desk()
    await desk.handle({"symbol": "BTCUSDT", "request_id": "a"})
    await desk.clock.advance(4.9)
    await desk.handle({"symbol": "BTCUSDT", "request_id": "b"})
    assert len(desk.source.calls) == 1
    await desk.clock.advance(0.2)
    await desk.handle({"symbol": "BTCUSDT", "request_id": "c"})
    assert len(desk.source.calls) == 2
    assert [result["request_ids"] for result in desk.results] == [["a"], ["b"], ["c"]]


async def test_a_fetch_of_the_candle_before_is_not_joined() -> None:
    desk = Desk()
    await desk.clock.advance(60 * 60 - 1)
    await desk.handle({"symbol": "BTCUSDT", "request_id": "a"})
    await desk.clock.advance(2)
    await desk.handle({"symbol": "BTCUSDT", "request_id": "b"})
    assert len(desk.source.calls) == 2


async def test_whoever_comes_after_the_candle_closed_does_not_join_a_fetch_from_before() -> None:
    source = ScriptedSource(series())
    source.gate = asyncio.Event()
    desk = Desk(source)
    await desk.clock.advance(60 * 60 - 0.1)
    before = asyncio.create_task(desk.handle({"symbol": "BTCUSDT", "request_id": "before"}))
    await within(source.asked.wait())
    await desk.clock.advance(0.3)
    after = asyncio.create_task(desk.handle({"symbol": "BTCUSDT", "request_id": "after"}))
    await within(desk.clock.asleep())
    source.gate.set()
    await within(asyncio.gather(before, after))
    await within(desk.handle({"symbol": "BTCUSDT", "request_id": "later"}))
    assert [result["request_ids"] for result in desk.results] == [["before"], ["after"], ["later"]]
    assert len(source.calls) == 2


async def test_a_stream_of_equal_requests_does_not_starve_the_others_of_its_market() -> None:
    desk = Desk()
    published = desk.broker.publish
    count = 0

    async def publish_and_ask_again(message: Message, *, timeout: float | None = None) -> Record:
        nonlocal count
        count += 1
        if count <= 20:
            more.append(asyncio.create_task(desk.handle({"symbol": "BTCUSDT", "request_id": f"more{count}"})))
            await asyncio.sleep(0)
        return await published(message, timeout=timeout)

    more: list[asyncio.Task[None]] = []
    desk.broker.publish = publish_and_ask_again  # type: ignore[method-assign]
    await within(
        desk.handle(
            {"symbol": "BTCUSDT", "request_id": "first"},
            {"symbol": "BTCUSDT", "request_id": "other", "limit": 3_000},
        )
    )
    await within(asyncio.gather(*more))
    answered = [result["request_ids"] for result in desk.results]
    assert answered.index(["other"]) <= 1


async def test_other_params_are_other_work() -> None:
    desk = Desk()
    await desk.handle(
        {"symbol": "BTCUSDT", "request_id": "a"}, {"symbol": "BTCUSDT", "request_id": "b", "limit": 3_000}
    )
    assert [result["request_ids"] for result in desk.results] == [["a"], ["b"]]


async def test_what_was_answered_once_is_not_worked_on_again() -> None:
    desk = Desk()
    await desk.handle({"symbol": "BTCUSDT", "request_id": "a"})
    await desk.clock.advance(60)
    await desk.handle({"symbol": "BTCUSDT", "request_id": "a"})
    assert len(desk.results) == len(desk.source.calls) == 1


async def test_a_refusal_whose_key_is_too_large_is_published_without_it() -> None:
    desk = Desk()
    published = desk.broker.publish

    async def publish(message: Message, *, timeout: float | None = None) -> Record:
        if message.key is not None:
            raise MessageTooLarge("1,000,001 bytes")
        return await published(message, timeout=timeout)

    desk.broker.publish = publish  # type: ignore[method-assign]
    await desk.analyzer.handle([desk.asked({"symbol": "BTCUSDT", "limit": 0}, key=b"k" * 1_000_000)])
    assert [failure["reason"] for failure in desk.failures] == ["invalid_request"]


async def test_the_words_of_a_long_winded_caller_are_cut() -> None:
    desk = Desk()
    await desk.handle({"symbol": "BTCUSDT", "params": {"x" * 1_000_000: 1}})
    (failure,) = desk.failures
    assert failure["reason"] == "invalid_request"
    assert len(failure["message"]) == 1_000


async def test_an_object_that_is_no_request_is_answered_under_the_key_it_came_with() -> None:
    desk = Desk()
    await desk.analyzer.handle(
        [desk.asked({"symbol": "BTCUSDT", "limit": 0, "request_id": "my-7"}, key=b"k")]
    )
    (failure,) = desk.failures
    assert (failure["request_ids"], failure["market"], failure["reason"]) == (
        ["my-7"],
        None,
        "invalid_request",
    )
    assert desk.broker.messages[0].key == b"k"


async def test_a_request_without_an_id_is_named_by_where_it_stands() -> None:
    desk = Desk()
    await desk.handle({"symbol": "BTCUSDT"})
    assert desk.results[0]["request_ids"] == ["kafka:strandline.requests.v1:3:0"]


@pytest.mark.parametrize("value", [b"", b"\xff\xfe", b"[]", b'"BTCUSDT"', b"{", b"NaN", b"[" * 100_000, b"7"])
def test_what_is_no_json_object_is_malformed(value: bytes) -> None:
    with pytest.raises(Malformed):
        Desk().asked(value)


async def test_a_computed_result_is_published_however_often_that_takes() -> None:
    desk = Desk(refusals=3)
    await answered_while_time_passes(desk, {"symbol": "BTCUSDT", "request_id": "a"})
    assert [result["request_ids"] for result in desk.results] == [["a"]]


@pytest.mark.parametrize("timestamp_ms", [-1, 0, 10**15, 2**62])
def test_a_senders_clock_that_no_calendar_knows_stops_nobody(timestamp_ms: int) -> None:
    desk = Desk()
    record = Record(REQUESTS.name, 0, 0, None, b'{"symbol": "BTCUSDT"}', (), timestamp_ms)
    request = desk.analyzer.decode(record).request
    assert not isinstance(request, InvalidRequest)
    assert request.expires_at == START.replace(hour=13)


@pytest.mark.parametrize("expires_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
async def test_an_expiry_that_utc_cannot_write_is_refused(expires_at: str) -> None:
    desk = Desk()
    await desk.handle({"symbol": "BTCUSDT", "request_id": "a", "expires_at": expires_at})
    assert [failure["reason"] for failure in desk.failures] == ["invalid_request"]


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
def test_nothing_that_json_can_say_stops_the_analyzer(value: object, field: str, timestamp_ms: int) -> None:
    body = json.dumps({"symbol": "BTCUSDT"} | {field: value}).encode()
    record = Record(REQUESTS.name, 0, 0, None, body, (), timestamp_ms)
    assert read_request(record, exchange="binance", now=START).request_id


def headers_of(messages: Sequence[Message]) -> list[dict[str, bytes]]:
    return [dict(message.headers) for message in messages]


async def test_a_result_continues_the_trace_of_its_request() -> None:
    desk = Desk()
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
    await desk.analyzer.handle([desk.analyzer.decode(record)])
    (headers,) = headers_of(desk.broker.messages)
    assert headers["traceparent"].decode().startswith(f"00-{trace}-")
