"""One market's queue: which outcome a submitted request gets, and when."""

import asyncio
from datetime import timedelta

from broker.ports import Message, Record
from consumers.analyzer.analyze import SeriesAnalyzer
from consumers.analyzer.decode import IncomingRequest
from consumers.analyzer.fetch import CandleFetcher
from consumers.analyzer.market_queue import MarketQueue
from consumers.analyzer.outcome import Completed, Expired, Failed
from consumers.analyzer.publish import OutcomePublisher
from runtime.errors import Permanent, Transient
from tests.support.analyzing import AnalyzerBench
from tests.support.clock import START
from tests.support.deadlines import within
from tests.support.markets import ScriptedSource, series


def queue_of(bench: AnalyzerBench) -> MarketQueue:
    fetcher = CandleFetcher(bench.source, bench.clock, concurrency=1)
    publisher = OutcomePublisher(bench.broker, bench.clock, None, "/test")  # type: ignore[arg-type]
    return MarketQueue(bench.clock, fetcher, SeriesAnalyzer(), publisher)


def request(bench: AnalyzerBench, request_id: str, **fields: object) -> IncomingRequest:
    incoming = bench.decode({"symbol": "BTCUSDT", "request_id": request_id, **fields})
    assert isinstance(incoming, IncomingRequest)
    return incoming


async def test_market_queue_returns_one_completed_outcome_to_equal_requests() -> None:
    bench = AnalyzerBench(ScriptedSource(series(400)))
    queue = queue_of(bench)
    first, second = await within(
        asyncio.gather(queue.submit(request(bench, "a")), queue.submit(request(bench, "b")))
    )
    assert isinstance(first, Completed)
    assert first is second
    assert first.request_ids == ("a", "b")
    assert first.analysis.input_limit == 400


async def test_market_queue_returns_failed_for_a_permanent_error() -> None:
    bench = AnalyzerBench(ScriptedSource(Permanent("unknown_symbol", "not listed")))
    outcome = await within(queue_of(bench).submit(request(bench, "a")))
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.message, outcome.attempts) == ("unknown_symbol", "not listed", 1)


async def test_market_queue_returns_expired_with_the_last_error() -> None:
    bench = AnalyzerBench(ScriptedSource(Transient("banned", retry_after=7_200)))
    outcome = await within(queue_of(bench).submit(request(bench, "a")))
    assert isinstance(outcome, Expired)
    assert (outcome.request_ids, outcome.attempts, outcome.last_error) == (("a",), 1, "banned")


async def test_market_queue_returns_only_after_the_broker_acknowledged() -> None:
    bench = AnalyzerBench()
    publish, sent, acknowledge = bench.broker.publish, asyncio.Event(), asyncio.Event()

    async def publish_slowly(message: Message, *, timeout: float | None = None) -> Record:
        sent.set()
        await acknowledge.wait()
        return await publish(message, timeout=timeout)

    bench.broker.publish = publish_slowly  # type: ignore[method-assign]
    submitted = asyncio.create_task(queue_of(bench).submit(request(bench, "a")))
    await within(sent.wait())
    for _ in range(100):
        await asyncio.sleep(0)
    assert not submitted.done()
    acknowledge.set()
    assert isinstance(await within(submitted), Completed)


async def test_market_queue_keeps_the_fetch_of_the_members_that_are_left() -> None:
    source = ScriptedSource(series())
    source.gate = asyncio.Event()
    bench = AnalyzerBench(source)
    queue = queue_of(bench)
    cancelled, kept = (
        asyncio.create_task(queue.submit(request(bench, request_id))) for request_id in ("a", "b")
    )
    await within(source.asked.wait())
    cancelled.cancel()
    await within(asyncio.wait({cancelled}))
    source.gate.set()
    outcome = await within(kept)
    assert outcome.request_ids == ("b",)
    assert len(source.calls) == 1


async def test_market_queue_works_again_after_all_its_requests_were_cancelled() -> None:
    source = ScriptedSource(series())
    source.gate = asyncio.Event()
    bench = AnalyzerBench(source)
    queue = queue_of(bench)
    cancelled = asyncio.create_task(queue.submit(request(bench, "a")))
    await within(source.asked.wait())
    cancelled.cancel()
    again = asyncio.create_task(queue.submit(request(bench, "b")))
    await within(asyncio.wait({cancelled}))
    source.gate.set()
    outcome = await within(again)
    assert isinstance(outcome, Completed)
    assert outcome.request_ids == ("b",)


async def test_market_queue_raises_a_bug_of_the_publisher_in_every_submit() -> None:
    bench = AnalyzerBench()

    async def publish(message: Message, *, timeout: float | None = None) -> Record:
        raise RuntimeError("a bug")

    bench.broker.publish = publish  # type: ignore[method-assign]
    queue = queue_of(bench)
    submitted = [queue.submit(request(bench, "a")), queue.submit(request(bench, "b", limit=3_000))]
    errors = await within(asyncio.gather(*submitted, return_exceptions=True))
    assert [str(error) for error in errors] == ["a bug", "a bug"]


async def test_market_queue_knows_the_deadline_of_a_waiting_request_only() -> None:
    source = ScriptedSource(series())
    source.gate = asyncio.Event()
    bench = AnalyzerBench(source)
    queue = queue_of(bench)
    soon = START + timedelta(seconds=60)
    submitted = asyncio.create_task(queue.submit(request(bench, "a", expires_at=soon.isoformat())))
    await within(source.asked.wait())
    assert queue.deadline("a") == soon
    assert queue.deadline("b") is None
    source.gate.set()
    await within(submitted)
    assert queue.deadline("a") is None
