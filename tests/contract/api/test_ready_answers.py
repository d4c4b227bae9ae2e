"""Reads that the cache answers without their route: the same bytes, limits, keys and metrics."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.access_control import KEY_HEADER
from api.results import routes
from broker.memory.broker import MemoryBroker
from runtime.metrics import REGISTRY
from storage.response_cache import ResponseCache, row_scope
from tests.unit.api.fakes import JumpingClock, client_of, dependencies, put_result

ROUTE = "/api/v1/analysis/{result_id}"
SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
async def cache(redis_url: str) -> AsyncIterator[ResponseCache]:
    cache = ResponseCache.from_url(redis_url, JumpingClock(), 300)
    try:
        yield cache
    finally:
        await cache.close()


class Reader:
    """Reads one result; once `without_route` is set, its route fails."""

    def __init__(self, client: AsyncClient, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._client = client
        self._path = path
        self._monkeypatch = monkeypatch

    async def read(self, method: str = "GET", **headers: str) -> Response:
        return await self._client.request(
            method, self._path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    def without_route(self) -> None:
        async def fail(*_: Any) -> None:
            raise AssertionError("the route was called")

        self._monkeypatch.setattr(routes, "respond_row", fail)


@pytest.fixture
async def reader(
    engine: AsyncEngine,
    broker: MemoryBroker,
    cache: ResponseCache,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> AsyncIterator[Reader]:
    settings: dict[str, Any] = getattr(request, "param", {})
    row = await put_result(engine, f"T{uuid4().hex[:12].upper()}USDT")
    # Tests share a Redis, and each begins with row 1.
    await cache.invalidate_scopes([row_scope(row)])
    connections = replace(dependencies(engine, broker=broker, **settings), cache=cache)
    async with client_of(connections) as client:
        yield Reader(client, f"/api/v1/analysis/{row}", monkeypatch)


async def test_ready_answer_is_what_the_route_sends(reader: Reader) -> None:
    first = await reader.read()
    reader.without_route()
    again = await reader.read()
    assert (again.status_code, again.content) == (200, first.content)
    assert {**again.headers, "ratelimit": ""} == {**first.headers, "ratelimit": ""}
    assert again.headers["ratelimit"] != first.headers["ratelimit"]
    unchanged = await reader.read(if_none_match=first.headers["etag"])
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    head = await reader.read("HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == first.headers["content-length"]


async def test_ready_answer_is_measured_as_its_route(reader: Reader) -> None:
    def count() -> float:
        labels = {"method": "GET", "route": ROUTE, "status": "200"}
        return REGISTRY.get_sample_value("strandline_http_request_seconds_count", labels) or 0.0

    await reader.read()
    reader.without_route()
    before = count()
    await reader.read()
    assert count() == before + 1


async def test_changed_row_is_read_by_the_route(reader: Reader, cache: ResponseCache) -> None:
    first = await reader.read()
    await cache.invalidate_scopes([row_scope(first.json()["data"]["id"])])
    reader.without_route()
    assert (await reader.read()).status_code == 500


@pytest.mark.parametrize("reader", [{"reads": "keys", "api_keys": SECRET}], indirect=True)
async def test_ready_answer_needs_the_key_that_the_route_needs(reader: Reader) -> None:
    key = {KEY_HEADER.replace("-", "_"): SECRET}
    assert (await reader.read(**key)).status_code == 200
    reader.without_route()
    assert (await reader.read(**key)).status_code == 200
    assert (await reader.read()).status_code == 401


@pytest.mark.parametrize("reader", [{"rate_limit_key": 3, "api_keys": SECRET}], indirect=True)
async def test_ready_answers_count_for_the_rate_limit(reader: Reader, redis_url: str) -> None:
    key = {KEY_HEADER.replace("-", "_"): SECRET}
    statuses = [(await reader.read(**key)).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
