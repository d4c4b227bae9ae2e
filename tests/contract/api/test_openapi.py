"""Whatever the OpenAPI document allows, and much that it does not, sent to the API by schemathesis.

No answer is a 5xx, none has a status or a shape that the document does not tell of. The stream, which never ends, is
left out here.
"""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
)

from api.app import build_routes, create_app
from api.server import serve_api
from schemas.tables import metadata
from storage.database import open_database
from tests.support.deadlines import SECONDS
from tests.unit.api.fakes import JumpingClock, broker_with_topics, dependencies, put_job, put_result

EXAMPLES = 25
KEY = "a-key-for-tests"
LENIENT = [
    # An unknown parameter is ignored, a page size too large brought down: on purpose. And a schema can't say all.
    negative_data_rejection,
    positive_data_acceptance,
    # `GET /api/v1/analysis/trigger` asks for the result whose id is "trigger": 422.
    unsupported_method,
    # The key is sent with every case, whatever is meant to be found out about keys; the second test does that.
    ignored_auth,
    missing_required_header,
]


@asynccontextmanager
async def served(file: Path) -> AsyncIterator[str]:
    """An API with something in its tables, whose clock jumps, so that `?wait` takes no time."""
    engine = open_database(f"sqlite+aiosqlite:///{file}")
    broker = await broker_with_topics()
    try:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        for symbol in ("BTCUSDT", "ETHUSDT", "BTC/USDT"):
            await put_result(engine, symbol, timeframe="1h" if symbol != "BTC/USDT" else "4h")
        await put_job(engine, "my-7")
        unlimited = dict.fromkeys(("rate_limit", "rate_limit_key", "rate_limit_writes"), 0)
        deps = dependencies(
            engine, broker=broker, clock=JumpingClock(), reads="keys", api_keys=KEY, **unlimited
        )
        async with serve_api(create_app(deps), host="127.0.0.1", port=0) as there:
            yield there.url
    finally:
        await broker.close()
        await engine.dispose()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """In a thread with a loop of its own: schemathesis asks and waits."""
    file = tmp_path_factory.mktemp("openapi") / "strandline.db"
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    ready: list[str] = []
    up = threading.Event()

    async def live() -> None:
        async with served(file) as there:
            ready.append(there)
            up.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()), daemon=True)
    thread.start()
    assert up.wait(SECONDS)
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(SECONDS)
        loop.close()


schema = schemathesis.openapi.from_dict(build_routes().openapi()).exclude(path="/api/v1/stream")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_responses_match_the_openapi_document(url: str, case: schemathesis.Case) -> None:
    case.headers = {**(case.headers or {}), "X-API-Key": KEY}
    case.call_and_validate(base_url=url, timeout=SECONDS, excluded_checks=LENIENT)


@pytest.mark.parametrize("operation", list(schema.get_all_operations()), ids=lambda found: found.ok().label)
def test_every_operation_needs_a_key_where_reads_are_closed(url: str, operation: Any) -> None:
    described = operation.ok()
    if described.path == "/health":
        return
    path = re.sub(r"\{[a-z_]+\}", "1", described.path)
    answer = httpx.request(described.method, url + path, trust_env=False)
    assert answer.status_code == 401
