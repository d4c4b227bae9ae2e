"""`python -m api` as a process of its own, without Kafka."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx


@asynccontextmanager
async def run_process(
    database_url: str, port: int, workers: int = 1, **more: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Yield a running API; `more` are environment variables."""
    environment = (
        os.environ
        | {
            "STRANDLINE_KAFKA_BOOTSTRAP": "127.0.0.1:1",
            "STRANDLINE_DATABASE_URL": database_url,
            "STRANDLINE_HTTP_PORT": str(port),
            "STRANDLINE_HTTP_WORKERS": str(workers),
        }
        | more
    )
    # A session of its own: workers outlive a killed supervisor, and a failed test must leave none running.
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api", env=environment, start_new_session=True
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            os.killpg(running.pid, signal.SIGKILL)
            await running.wait()


async def get_first_answer(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """Return the first answer of a server that is starting."""
    while True:
        try:
            return await client.get(path)
        except httpx.TransportError:
            await asyncio.sleep(0.1)
