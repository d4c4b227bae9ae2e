"""Every error is a problem document, and none shows internal details."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from fastapi.sse import EventSourceResponse, ServerSentEvent
from httpx import AsyncClient, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import Message

from api import reading
from api.app import create_app
from api.http.problems import install_problem_handlers
from api.results import queries
from broker.memory.broker import MemoryBroker
from runtime.metrics import REGISTRY
from storage.database import open_database
from tests.unit.api.fakes import client_of, client_of_app, dependencies

SECRET = "mysql://root:hunter2@db"


def check_problem(answer: Response, status: int) -> dict[str, object]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem: dict[str, object] = answer.json()
    assert problem["status"] == status
    assert problem["error"] == problem["detail"]
    assert {"type", "title"} <= problem.keys()
    return problem


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/nothing", "/api/v2/analysis/results", "/docs", "/%00"])
async def test_unknown_path_returns_a_404_problem(client: AsyncClient, path: str) -> None:
    assert "Not Found" in str(check_problem(await client.get(path), 404)["detail"])


async def test_wrong_method_returns_a_405_problem_with_the_allowed_method(client: AsyncClient) -> None:
    answer = await client.delete("/results")
    check_problem(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD"


async def test_unexpected_error_returns_a_500_problem_without_details(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    counted = {"method": "GET", "route": "/results", "status": "500"}
    before = REGISTRY.get_sample_value("strandline_http_request_seconds_count", counted) or 0
    monkeypatch.setattr(queries, "find_newest", fail)
    answer = await client.get("/results")
    check_problem(answer, 500)
    assert "hunter2" not in answer.text
    # It passes every middleware: the metric counts it, and it has the security headers.
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert REGISTRY.get_sample_value("strandline_http_request_seconds_count", counted) == before + 1


async def test_unavailable_database_returns_a_503_problem(broker: MemoryBroker) -> None:
    engine = open_database("mysql+aiomysql://root:hunter2@127.0.0.1:1/none")
    try:
        async with client_of(dependencies(engine, broker=broker)) as client:
            answer = await client.get("/api/v1/analysis/results")
            check_problem(answer, 503)
            assert int(answer.headers["retry-after"]) > 0
            assert "hunter2" not in answer.text
            assert "127.0.0.1" not in answer.text
            health = await client.get("/health")
        assert (health.status_code, health.json()["database"]) == (200, False)
    finally:
        await engine.dispose()


async def test_slow_read_returns_a_503_problem(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "READ_TIMEOUT", 0.0)
    check_problem(await client.get("/results"), 503)


async def test_missing_table_returns_a_500_problem(broker: MemoryBroker, sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    try:
        app = create_app(dependencies(engine, broker=broker))
        async with client_of_app(app) as client:
            check_problem(await client.get("/results"), 500)
    finally:
        await engine.dispose()


async def test_driver_error_is_not_shown_to_clients(
    engine: AsyncEngine, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError(SECRET))

    monkeypatch.setattr(queries, "fetch_all", fail)
    async with client_of(dependencies(engine, broker=broker)) as client:
        answer = await client.get("/results")
    check_problem(answer, 503)
    assert "hunter2" not in answer.text


async def test_foreign_authorization_header_is_ignored(client: AsyncClient) -> None:
    headers = {"Authorization": "Bearer of-somebody-else"}
    assert (await client.get("/api/v1/analysis/results", headers=headers)).status_code == 200
    assert (await client.post("/analyze", json={"symbol": "BTCUSDT"}, headers=headers)).status_code == 200


async def test_allow_header_lists_every_method_of_a_path(client: AsyncClient) -> None:
    refused = await client.put("/api/v1/watches/some")
    assert (refused.status_code, refused.headers["allow"]) == (405, "DELETE, GET, HEAD, PATCH")
    assert (await client.put("/api/v1/analysis/trigger")).headers["allow"] == "POST"


async def test_body_that_is_not_utf8_returns_a_422_problem(client: AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    refused = await client.post("/analyze", content=b"\xff", headers=headers)
    assert (refused.status_code, refused.json()["detail"]) == (422, "body: must be JSON, in UTF-8")


async def _leave_stream(app: FastAPI) -> list[Message]:
    """Open `/stream` and leave it at its third message."""
    sent: list[Message] = []
    requests, enough = iter([{"type": "http.request", "body": b"", "more_body": False}]), asyncio.Event()

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) == 3:
            enough.set()
            await asyncio.Event().wait()

    async def receive() -> Message:
        for request in requests:
            return request
        await enough.wait()
        for _ in range(50):  # turns of the loop, in which the next events come to wait for the client
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/stream", "headers": [], "query_string": b""}
    await asyncio.wait_for(app(scope, receive, send), 60)
    return sent


@pytest.mark.parametrize("fails", [False, True])
async def test_leaving_a_stream_is_no_error(fails: bool) -> None:
    """The server would log a traceback for each closed page; other errors of a stream it still logs."""
    app = FastAPI()
    install_problem_handlers(app)

    @app.get("/stream", response_class=EventSourceResponse)
    async def stream() -> AsyncIterator[ServerSentEvent]:
        for number in range(1_000):
            if fails and number == 1:
                raise LookupError(number)
            yield ServerSentEvent(raw_data=str(number))

    if fails:
        with pytest.raises(ExceptionGroup):
            await _leave_stream(app)
    else:
        assert (await _leave_stream(app))[0]["status"] == 200


async def test_validation_problem_of_a_time_names_what_to_write(client: AsyncClient) -> None:
    answer = await client.get("/api/v1/export?market=sim:spot:BTCUSDT:1h&from=2026-11-27")
    assert "from: has no time zone: write a time such as 2026-" in str(check_problem(answer, 422)["detail"])


async def test_validation_problem_of_a_body_omits_pydantics_words(client: AsyncClient) -> None:
    answer = await client.post("/api/v1/analysis/trigger", json={"symbl": "BTCUSDT"})
    assert check_problem(answer, 422)["detail"] == "body: unknown field 'symbl': write 'symbol'"
