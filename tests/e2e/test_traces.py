"""One request, one trace: from the caller through every process to the row, as a collector sees it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import httpx
import pytest

from storage.migrations import upgrade
from tests.e2e.test_up import api, up
from tests.support.containers import find_free_port, start_kafka
from tests.support.deadlines import until
from tests.support.faults.crew import ProcessWorker
from tests.support.otlp import Collector, Span, run_collector
from tests.support.pipeline import wait_for_job
from tests.support.services import Services
from tests.support.simulated import simulated

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = f"00-{TRACE}-b7ad6b7169203331-01"
SECONDS = 150.0


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    async with run_collector() as collector:
        yield collector


@pytest.fixture
def own_kafka(services: Services) -> Iterator[str]:
    """`host:port` of a Kafka that no other analyzer reads from."""
    if reason := services.why_no_container():
        services.report_absent("kafka", f"one of its own: {reason}")
    with ExitStack() as stack:
        yield start_kafka(stack)


STEPS = {
    "POST /api/v1/analysis/trigger",
    "publish request",
    "analyze",
    "fetch",
    "compute",
    "publish",
    "write row",
}


async def wait_for_spans(collector: Collector) -> list[Span]:
    """The spans of TRACE, once all are there: each process exports its own in its own time."""

    def spans() -> list[Span]:
        return [span for span in collector.spans if span.trace == TRACE]

    await until(lambda: {span.name for span in spans()} >= STEPS, SECONDS)
    return spans()


def find_span(spans: list[Span], name: str) -> Span:
    (only,) = [span for span in spans if span.name == name]
    return only


def check_spans(spans: list[Span], request_id: str) -> None:
    """Every step is there, and each follows from the one before."""
    served, requested = find_span(spans, "POST /api/v1/analysis/trigger"), find_span(spans, "publish request")
    analyzed, published, written = (find_span(spans, name) for name in ("analyze", "publish", "write row"))
    assert served.parent == CALLER.split("-")[2]
    assert (requested.parent, analyzed.parent) == (served.id, requested.id)
    assert {find_span(spans, step).parent for step in ("fetch", "compute", "publish")} == {analyzed.id}
    assert written.parent == published.id
    assert requested.attributes["strandline.request_id"] == request_id
    assert served.attributes["http.response.status_code"] == "202"
    assert written.attributes["strandline.market"].endswith(":spot:ADAUSDT:4h")


async def request_analysis(client: httpx.AsyncClient) -> str:
    body = {"symbol": "ADA/USDT", "timeframe": "4h"}
    accepted = await client.post("/api/v1/analysis/trigger", json=body, headers={"traceparent": CALLER})
    request_id: str = accepted.json()["request_id"]
    assert (await wait_for_job(client, request_id, SECONDS))["status"] == "completed"
    return request_id


async def test_request_to_up_is_one_trace(tmp_path: Path, collector: Collector) -> None:
    environ = {
        "STRANDLINE_DATA_DIR": str(tmp_path),
        "STRANDLINE_HTTP_PORT": str(find_free_port()),
        "STRANDLINE_OTLP_ENDPOINT": collector.url,
    }
    async with up(environ) as running, api(environ) as client:
        await running.wait_for_output("Ready.")
        request_id = await request_analysis(client)
        spans = await wait_for_spans(collector)
        assert await running.interrupt() == 0
    check_spans(spans, request_id)
    assert {span.service for span in spans} == {"strandline-up"}


@pytest.mark.timeout(400)
async def test_request_over_kafka_is_one_trace_across_processes(
    tmp_path: Path, collector: Collector, own_kafka: str, sqlite_url: str
) -> None:
    await upgrade(sqlite_url)
    async with AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(simulated())
        environ = {
            "STRANDLINE_KAFKA_BOOTSTRAP": own_kafka,
            "STRANDLINE_DATABASE_URL": sqlite_url,
            "STRANDLINE_EXCHANGES": "binance",
            "STRANDLINE_EXCHANGE_URLS": f'{{"binance": "{exchange.url}"}}',
            "STRANDLINE_HTTP_PORT": str(find_free_port()),
            "STRANDLINE_OTLP_ENDPOINT": collector.url,
        }
        await _strandline(environ, "topics", "create")
        for role in ("analyzer", "sink", "api"):
            worker = await ProcessWorker.start(role, environ, tmp_path / f"{role}.log")  # type: ignore[arg-type]
            stack.push_async_callback(worker.stop)
        client = await stack.enter_async_context(api(environ))
        await _wait_for_api(client)
        request_id = await request_analysis(client)
        spans = await wait_for_spans(collector)
    check_spans(spans, request_id)
    assert {span.service for span in spans} == {"strandline-api", "strandline-analyzer", "strandline-sink"}


async def _strandline(environ: dict[str, str], *words: str) -> None:
    worker = await ProcessWorker.start("api", environ, Path("/dev/null"), ("strandline", *words))
    async with asyncio.timeout(SECONDS):
        assert await worker._process.wait() == 0


async def _wait_for_api(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                await client.get("/health")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return
