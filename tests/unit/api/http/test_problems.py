"""Every error is a problem document, whoever raised it, and none tells what is inside."""

import sqlite3

import pytest
from httpx import AsyncClient, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from api import reading
from api.app import create_app
from api.results import queries
from broker.memory.broker import MemoryBroker
from runtime.metrics import REGISTRY
from storage.database import open_database
from tests.unit.api.fakes import client_of, client_of_app, dependencies

SECRET = "mysql://root:hunter2@db"


def document(answer: Response, status: int) -> dict[str, object]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem: dict[str, object] = answer.json()
    assert problem["status"] == status
    assert problem["error"] == problem["detail"]
    assert {"type", "title"} <= problem.keys()
    return problem


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/nothing", "/api/v2/analysis/results", "/docs", "/%00"])
async def test_an_unknown_path_is_a_problem(client: AsyncClient, path: str) -> None:
    assert "Not Found" in str(document(await client.get(path), 404)["detail"])


async def test_a_wrong_method_is_a_problem_that_names_the_right_one(client: AsyncClient) -> None:
    answer = await client.delete("/results")
    document(answer, 405)
    assert answer.headers["allow"] == "GET"


async def test_an_error_of_ours_says_nothing_of_its_inside(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def odd(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    counted = {"method": "GET", "route": "/results", "status": "500"}
    before = REGISTRY.get_sample_value("strandline_http_request_seconds_count", counted) or 0
    monkeypatch.setattr(queries, "list_newest", odd)
    answer = await client.get("/results")
    document(answer, 500)
    assert "hunter2" not in answer.text
    # It passes all that looks at answers: what is counted, and what browsers are told.
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert REGISTRY.get_sample_value("strandline_http_request_seconds_count", counted) == before + 1


async def test_a_database_that_is_away_is_a_503(broker: MemoryBroker) -> None:
    engine = open_database("mysql+aiomysql://root:hunter2@127.0.0.1:1/none")
    try:
        async with client_of(dependencies(engine, broker=broker)) as client:
            answer = await client.get("/api/v1/analysis/results")
            document(answer, 503)
            assert int(answer.headers["retry-after"]) > 0
            assert "hunter2" not in answer.text
            assert "127.0.0.1" not in answer.text
            health = await client.get("/health")
        assert (health.status_code, health.json()["database"]) == (200, False)
    finally:
        await engine.dispose()


async def test_a_read_that_takes_too_long_is_a_503(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "READ_TIMEOUT", 0.0)
    document(await client.get("/results"), 503)


async def test_a_table_that_is_missing_is_no_outage(broker: MemoryBroker, sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    try:
        app = create_app(dependencies(engine, broker=broker))
        async with client_of_app(app) as client:
            document(await client.get("/results"), 500)
    finally:
        await engine.dispose()


async def test_what_the_driver_says_stays_inside(
    engine: AsyncEngine, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError(SECRET))

    monkeypatch.setattr(queries, "fetch_all", broken)
    async with client_of(dependencies(engine, broker=broker)) as client:
        answer = await client.get("/results")
    document(answer, 503)
    assert "hunter2" not in answer.text


async def test_a_foreign_authorization_header_is_ignored(client: AsyncClient) -> None:
    headers = {"Authorization": "Bearer of-somebody-else"}
    assert (await client.get("/api/v1/analysis/results", headers=headers)).status_code == 200
    assert (await client.post("/analyze", json={"symbol": "BTCUSDT"}, headers=headers)).status_code == 200


async def test_a_method_that_is_not_allowed_names_all_that_are(client: AsyncClient) -> None:
    refused = await client.put("/api/v1/watches/some")
    assert (refused.status_code, refused.headers["allow"]) == (405, "DELETE, GET, PATCH")
    assert (await client.put("/api/v1/analysis/trigger")).headers["allow"] == "POST"


async def test_a_body_that_is_no_text_is_told_so(client: AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    refused = await client.post("/analyze", content=b"\xff", headers=headers)
    assert (refused.status_code, refused.json()["detail"]) == (422, "body: must be JSON, in UTF-8")
