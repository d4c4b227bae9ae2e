"""`?wait=N`: the answer is sent when the request has ended, or after N seconds."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from api.jobs import queries
from broker.memory.broker import MemoryBroker
from runtime.errors import Transient
from tests.unit.api.fakes import JumpingClock, client_of, dependencies, put_job, put_result

PATH = "/api/v1/analysis/trigger"
BODY = {"symbol": "BTCUSDT", "request_id": "my-7"}


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
async def client(
    engine: AsyncEngine, broker: MemoryBroker, clock: JumpingClock
) -> AsyncIterator[AsyncClient]:
    async with client_of(dependencies(engine, broker=broker, clock=clock)) as client:
        yield client


def after_sleeps(sleeps: int, act: Callable[[], Awaitable[object]]) -> Callable[[int], Awaitable[None]]:
    async def on_sleep(slept: int) -> None:
        if slept == sleeps:
            await act()

    return on_sleep


async def test_wait_returns_the_row_of_a_completed_request(
    engine: AsyncEngine, client: AsyncClient, clock: JumpingClock
) -> None:
    async def end() -> None:
        result_id = await put_result(engine, "BTCUSDT")
        await put_job(engine, "my-7", status="completed", result_id=result_id)

    clock.on_sleep = after_sleeps(3, end)
    answer = await client.post(PATH, params={"wait": 30}, json=BODY)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["request_id"], body["status"], body["result"]["symbol"]) == ("my-7", "completed", "BTCUSDT")
    assert body["result"]["support_levels"] == [64000.5, 63000.0]
    assert len(clock.slept) == 3


async def test_wait_returns_the_reason_of_a_failed_request(
    engine: AsyncEngine, client: AsyncClient, clock: JumpingClock
) -> None:
    async def end() -> None:
        await put_job(engine, "my-7", status="failed", reason="unknown_symbol", message="no BTCUSDT")

    clock.on_sleep = after_sleeps(1, end)
    answer = await client.post(PATH, params={"wait": 30}, json=BODY)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "request_id": "my-7",
            "status": "failed",
            "reason": "unknown_symbol",
            "message": "no BTCUSDT",
            "result": None,
        },
    )


async def test_wait_returns_queued_after_its_timeout(
    engine: AsyncEngine, client: AsyncClient, clock: JumpingClock
) -> None:
    await put_job(engine, "my-7", status="queued")
    answer = await client.post(PATH, params={"wait": 60}, json=BODY)
    assert (answer.status_code, answer.json()) == (202, {"request_id": "my-7", "status": "queued"})
    assert clock.passed == pytest.approx(60)
    assert max(clock.slept) <= 1.0


async def test_trigger_without_wait_returns_at_once(client: AsyncClient, clock: JumpingClock) -> None:
    assert (await client.post(PATH, json=BODY)).status_code == 202
    assert clock.slept == []


@pytest.mark.parametrize("wait", ["61", "60.1", "-1", "soon", "nan", "inf"])
async def test_wait_refuses_values_out_of_range(client: AsyncClient, wait: str) -> None:
    answer = await client.post(PATH, params={"wait": wait}, json=BODY)
    assert answer.status_code == 422
    assert "wait" in answer.json()["detail"]


async def test_wait_returns_queued_while_the_database_is_away(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise Transient("the database does not answer")

    monkeypatch.setattr(queries, "get_job", fail)
    assert (await client.post(PATH, params={"wait": 5}, json=BODY)).status_code == 202
