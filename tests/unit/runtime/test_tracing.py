"""How a `traceparent` is passed on, and which spans a request leaves."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from broker.ports import Message, Record
from consumers.analyzer.handler import Analyzer
from producers.requests.publisher import RequestPublisher
from runtime import tracing
from runtime.clock import SystemClock
from runtime.tracing import (
    child_traceparent,
    continue_trace,
    current_trace_id,
    current_traceparent,
    is_enabled,
    new_traceparent,
    span,
)
from schemas.cloudevents import traceparent
from schemas.topics import REQUESTS, RESULTS
from tests.support.events import make_request
from tests.support.markets import ScriptedSource

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OTHER = "00-1bf7651916cd43dd8448eb211c80319d-c7ad6b7169203332-01"
TIME = datetime(2026, 11, 22, 12, tzinfo=UTC)


class RecordingBroker:
    """The part of a broker that publishes."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        self.messages.append(message)
        return Record(message.topic, 0, len(self.messages), message.key, message.value, message.headers, 0)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """The exported spans; the tracer of the process can be set only once, so it is not used."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_get_tracer", lambda: provider.get_tracer("test"))
    monkeypatch.setattr(tracing, "is_enabled", lambda: True)
    yield exporter
    provider.shutdown()


def find_span(exporter: InMemorySpanExporter, name: str) -> ReadableSpan:
    (only,) = [one for one in exporter.get_finished_spans() if one.name == name]
    return only


def trace_id(one: ReadableSpan) -> str:
    return f"{one.context.trace_id:032x}"


def test_child_traceparent_keeps_trace_with_new_span() -> None:
    after = child_traceparent(CALLER)
    assert after.split("-")[1] == CALLER.split("-")[1]
    assert after.split("-")[2] != CALLER.split("-")[2]
    assert after.endswith("-01")


@pytest.mark.parametrize("unreadable", [None, "", "00-xyz-1-01", "garbage\n"])
def test_child_traceparent_of_malformed_header_is_new_trace(unreadable: str | None) -> None:
    assert len(child_traceparent(unreadable)) == len(new_traceparent()) == 55


def test_traceparent_is_passed_on_without_exporter() -> None:
    assert not is_enabled()
    with continue_trace(CALLER, "a step"), span("another"):
        assert current_traceparent(CALLER).split("-")[1] == CALLER.split("-")[1]


@given(
    st.from_regex(
        r"[ \t]?(00|01|ff|cc|x)-(0{32}|[0-9a-f]{32})-(0{16}|[0-9a-f]{16})-[0-9a-f]{2}(-x)?[ \t]?",
        fullmatch=True,
    )
)
@example("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")
def test_traceparent_is_read_without_exporter_as_the_propagator_reads_it(header: str) -> None:
    context = TraceContextTextMapPropagator().extract({"traceparent": header}, Context())
    read = trace.get_current_span(context).get_span_context()
    expected = f"00-{read.trace_id:032x}-{read.span_id:016x}-{read.trace_flags:02x}"
    with continue_trace(header, "a step"):
        if read.is_valid:
            assert current_traceparent() == expected
        else:
            assert current_traceparent() != current_traceparent()


def test_steps_without_exporter_nest_as_spans_do() -> None:
    with continue_trace(CALLER, "outer"):
        with continue_trace(OTHER, "inner"):
            assert (current_traceparent(), current_trace_id()) == (OTHER, OTHER.split("-")[1])
        with continue_trace(None, "no trace"):
            assert current_trace_id() is None
        assert current_traceparent() == CALLER
    assert current_trace_id() is None


@pytest.mark.parametrize("header", [None, CALLER, "garbage"])
async def test_request_without_exporter_makes_no_span_object(
    header: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_span(*_args: object) -> None:
        pytest.fail("a span is made, or looked up")

    monkeypatch.setattr(trace, "get_tracer", make_span)
    monkeypatch.setattr(trace, "get_current_span", make_span)
    monkeypatch.setattr(tracing, "_extract_context", make_span)
    broker = RecordingBroker()
    analyzer = Analyzer(
        broker=broker,  # type: ignore[arg-type]
        source=ScriptedSource(),
        clock=SystemClock(),
        exchange="binance",
    )
    await analyzer.handle([analyzer.decode(record("one", header))])
    (result,) = broker.messages
    assert result.topic == RESULTS.name


def test_continue_trace_follows_header_not_current_span(
    spans: InMemorySpanExporter,
) -> None:
    with span("something else"), continue_trace(CALLER, "step"):
        assert current_traceparent().split("-")[1] == CALLER.split("-")[1]
    with continue_trace("garbage", "begins"):
        pass
    assert trace_id(find_span(spans, "step")) == CALLER.split("-")[1]
    assert find_span(spans, "begins").parent is None


def test_record_span_keeps_given_times(spans: InMemorySpanExporter) -> None:
    tracing.record_span(CALLER, "write row", TIME, TIME + timedelta(seconds=1.5), {"n": 1})
    written = find_span(spans, "write row")
    assert written.end_time is not None
    assert written.start_time is not None
    assert written.end_time - written.start_time == 1_500_000_000
    assert trace_id(written) == CALLER.split("-")[1]


async def test_published_request_carries_publishing_span(spans: InMemorySpanExporter) -> None:
    broker = RecordingBroker()
    publisher = RequestPublisher(broker, source="test", clock=SystemClock())  # type: ignore[arg-type]
    with continue_trace(CALLER, "POST /analyze"):
        await publisher.publish(make_request())
    asked = find_span(spans, "publish request")
    header = traceparent(broker.messages[0].headers)
    assert header == f"00-{CALLER.split('-')[1]}-{asked.context.span_id:016x}-01"


async def test_coalesced_requests_end_in_their_own_traces(spans: InMemorySpanExporter) -> None:
    broker = RecordingBroker()
    analyzer = Analyzer(
        broker=broker,  # type: ignore[arg-type]
        source=ScriptedSource(),
        clock=SystemClock(),
        exchange="binance",
    )
    asked = [
        analyzer.decode(record(request_id, header))
        for request_id, header in (("first", CALLER), ("second", OTHER), ("untraced", None))
    ]
    await asyncio.gather(*(analyzer.handle([one]) for one in asked))
    analyzed, joined = find_span(spans, "analyze"), find_span(spans, "analyze, joined")
    assert (trace_id(analyzed), trace_id(joined)) == (CALLER.split("-")[1], OTHER.split("-")[1])
    assert [link.context.span_id for link in joined.links] == [analyzed.context.span_id]
    steps = {name: find_span(spans, name) for name in ("fetch", "compute", "publish")}
    assert {one.parent.span_id for one in steps.values() if one.parent} == {analyzed.context.span_id}
    (result,) = broker.messages
    assert traceparent(result.headers) == (
        f"00-{CALLER.split('-')[1]}-{steps['publish'].context.span_id:016x}-01"
    )


def record(request_id: str, header: str | None) -> Record:
    value = json.dumps({"symbol": "BTCUSDT", "request_id": request_id}).encode()
    headers = (("traceparent", header.encode()),) if header else ()
    sent = int(datetime.now(UTC).timestamp() * 1_000)
    return Record(REQUESTS.name, 0, len(request_id), None, value, headers, sent)
