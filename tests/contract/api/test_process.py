"""`python -m api` as one process and as several: it starts and reads while Kafka is away, and stops on SIGTERM."""

import asyncio
import signal

import httpx
import pytest

from runtime.serving import bind_socket
from tests.support.api_process import get_first_answer, run_process
from tests.support.containers import find_free_port

LONGEST = 240.0
"""Seconds: each worker imports many modules, on a machine that may be busy."""


@pytest.mark.timeout(LONGEST + 30)
@pytest.mark.parametrize("workers", [1, 2])
async def test_process_reads_without_kafka_and_stops_on_sigterm(
    migrated_sqlite_url: str, workers: int
) -> None:
    with bind_socket("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20)
    async with asyncio.timeout(LONGEST), client, run_process(migrated_sqlite_url, port, workers) as running:
        assert (await get_first_answer(client, "/api/v1/analysis/results")).json()["total"] == 0
        assert (await client.get("/health")).json()["broker"] is False
        write = await client.post("/analyze", json={"symbol": "BTCUSDT", "request_id": "my-7"})
        assert (write.status_code, write.json()["request_id"]) == (503, "my-7")
        async with client.stream("GET", "/api/v1/stream") as followed:
            assert followed.status_code == 200
            running.send_signal(signal.SIGTERM)
            assert await running.wait() == 0


@pytest.mark.timeout(LONGEST + 30)
@pytest.mark.parametrize("workers", [1, 2])
async def test_process_metrics_cover_all_workers(migrated_sqlite_url: str, workers: int) -> None:
    port, ops_port = find_free_port(), find_free_port()
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20)
    ops = httpx.AsyncClient(base_url=f"http://127.0.0.1:{ops_port}", trust_env=False, timeout=20)
    serving = run_process(migrated_sqlite_url, port, workers, STRANDLINE_OPS_PORT=str(ops_port))
    async with asyncio.timeout(LONGEST), client, ops, serving as running:
        await get_first_answer(client, "/api/v1/jobs/none")
        for _ in range(30):
            # One connection for each call, so that any worker can take it.
            async with httpx.AsyncClient(base_url=client.base_url, trust_env=False) as another:
                assert (await another.get("/api/v1/jobs/none")).status_code == 404
        assert (await ops.get("/livez")).json() == {"ok": True, "reasons": []}
        assert (await ops.get("/readyz")).status_code == 200
        async with client.stream("GET", "/api/v1/stream"):
            counted = (await ops.get("/metrics")).text
        of_route = 'method="GET",route="/api/v1/jobs/{request_id}",status="404"'
        assert f"strandline_http_request_seconds_count{{{of_route}}} 31.0" in counted
        assert "strandline_stream_clients 1.0" in counted
        running.send_signal(signal.SIGTERM)
        assert await running.wait() == 0
