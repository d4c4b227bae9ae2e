"""`kill -9` of analyzer or sink between any two steps, then a restart: the request completes with the right row."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from broker.ports import Edge, Message
from runtime.settings import Settings
from schemas.topics import REQUESTS, RESULTS
from tests.support.dying import ANALYZER_STEPS, SINK_STEPS
from tests.support.pipeline import Pipeline, open_pipeline, wait_for_job, wait_for_record
from tests.support.simulated import simulated

STEPS = [("analyzer", step) for step in ANALYZER_STEPS] + [("sink", step) for step in SINK_STEPS]


@pytest.fixture
async def pipeline(kafka_for_roles: str, migrated_mysql_url: str) -> AsyncIterator[Pipeline]:
    async with simulated() as exchange:
        settings = Settings.load(
            kafka_bootstrap=kafka_for_roles,
            database_url=migrated_mysql_url,
            exchanges=("binance",),
            exchange_urls={"binance": exchange.url},
            topic_partitions=4,
            session_timeout=6,
        )
        async with open_pipeline(settings) as pipeline:
            yield pipeline


@asynccontextmanager
async def run_until_killed(
    settings: Settings, role: str, step: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the role as a process that kills itself at `step`."""
    environ = os.environ | {
        "STRANDLINE_KAFKA_BOOTSTRAP": settings.require_kafka_bootstrap(),
        "STRANDLINE_DATABASE_URL": settings.require_database_url(),
        "STRANDLINE_EXCHANGES": "binance",
        "STRANDLINE_EXCHANGE_URLS": json.dumps(
            {name: str(url) for name, url in settings.exchange_urls.items()}
        ),
        "STRANDLINE_SESSION_TIMEOUT": "6",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.dying", role, step),
        env=environ,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def start_role(pipeline: Pipeline, role: str) -> AbstractAsyncContextManager[None]:
    return pipeline.analyzer() if role == "analyzer" else pipeline.sink()


def other_role(role: str) -> str:
    return "sink" if role == "analyzer" else "analyzer"


@pytest.mark.parametrize(("role", "step"), STEPS, ids=[f"{role}-{step}" for role, step in STEPS])
async def test_request_completes_after_the_process_working_on_it_was_killed(
    pipeline: Pipeline, unique: Callable[[str], str], role: str, step: str
) -> None:
    request_id = unique(f"{role}-{step}")
    body = json.dumps({"symbol": "BTCUSDT", "request_id": request_id}).encode()
    async with (
        pipeline.broker.read([RESULTS.name], Edge.END) as results,
        pipeline.client() as client,
        start_role(pipeline, other_role(role)),
    ):
        async with run_until_killed(pipeline.settings, role, step) as process:
            await pipeline.broker.publish(Message(REQUESTS.name, None, body))
            _, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == -signal.SIGKILL, errors.decode()[-2_000:]

        async with start_role(pipeline, role):
            record = await wait_for_record(
                aiter(results), lambda r: request_id in json.loads(r.value or b"{}")["request_ids"]
            )
            job = await wait_for_job(client, request_id)
        event = json.loads(record.value or b"")
        (row,) = await pipeline.rows()

    assert (job["status"], job["result_id"]) == ("completed", row["id"])
    for field in ("input_limit", "last_price", "support_levels", "resistance_levels"):
        assert event[field] == row[field]
