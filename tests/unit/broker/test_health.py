"""Health of a loop that polls, one that hangs, and one that waits."""

import asyncio

import httpx
import pytest

from broker.consumer.loop import LoopState, Overrun
from broker.health import (
    MAX_OVERRUN,
    MAX_POLL_GAP,
    build_consumer_check,
    serve_health,
    why_not_alive,
    why_not_ready,
)
from broker.ports import Partition
from runtime.errors import Transient
from runtime.ops import HealthRegistry, aggregate_health, ops_app
from runtime.settings import Settings
from tests.support.clock import ManualClock
from tests.support.containers import find_free_port

PARTITION = Partition("strandline.requests.v1", 0)
IDLE = Partition("strandline.requests.v1", 1)


def state(**changed: object) -> LoopState:
    fields = {
        "assigned": frozenset({PARTITION}),
        "paused": frozenset(),
        "in_flight": 0,
        "running": 0,
        "last_poll_at": 0.0,
        "committed": {},
        "lost": 0,
        "draining": False,
    }
    return LoopState(**(fields | changed))  # type: ignore[arg-type]


def test_health_is_alive_after_a_recent_poll() -> None:
    waiting = state(in_flight=10_000, paused=frozenset({PARTITION}))
    assert not why_not_alive(waiting, MAX_POLL_GAP)


def test_health_is_not_alive_without_polls_and_gives_advice() -> None:
    (reason,) = why_not_alive(state(), MAX_POLL_GAP + 1)
    assert "has not polled for 61 s: restart" in reason


def test_health_is_not_alive_with_work_far_past_its_deadline() -> None:
    a_little = state(overrun=Overrun(MAX_OVERRUN, "strandline.requests.v1/3@42"))
    assert not why_not_alive(a_little, 0.0)
    (reason,) = why_not_alive(state(overrun=Overrun(MAX_OVERRUN + 1, "strandline.requests.v1/3@42")), 0.0)
    assert "strandline.requests.v1/3@42 is 181 s past its deadline: restart" in reason


def test_health_of_a_draining_loop_is_alive_and_not_ready() -> None:
    stopping = state(draining=True)
    assert not why_not_alive(stopping, 10 * MAX_POLL_GAP)
    assert why_not_ready(stopping, database=None) == ["stopping"]


@pytest.mark.parametrize(
    ("changed", "database", "word"),
    [
        ({"assigned": frozenset()}, None, "assigned"),
        ({}, False, "database"),
        ({"flood": "100 dead letters in a row: look at them"}, None, "100 dead letters"),
    ],
)
def test_health_gives_the_reason_for_not_ready(
    changed: dict[str, object], database: bool | None, word: str
) -> None:
    (reason,) = why_not_ready(state(**changed), database=database)
    assert word in reason


async def test_health_serves_three_routes() -> None:
    clock = ManualClock()

    async def lag() -> dict[Partition, int]:
        return {PARTITION: 3, IDLE: 0}

    async def lag_seconds(_timeout: float) -> dict[Partition, float]:
        return {PARTITION: 41.5}

    app = ops_app(
        HealthRegistry(
            build_consumer_check(
                "strandline.test", lambda: state(in_flight=7), clock, lag=lag, lag_seconds=lag_seconds
            )
        )
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ops") as client:
        assert (await client.get("/livez")).json() == {"ok": True, "reasons": []}
        assert (await client.get("/readyz")).status_code == 200
        counted = (await client.get("/metrics")).text
        assert 'strandline_loop_in_flight{group="strandline.test"} 7.0' in counted
        lagging = 'group="strandline.test",partition="0",topic="strandline.requests.v1"'
        assert f"strandline_consumer_lag{{{lagging}}} 3.0" in counted
        assert f"strandline_consumer_lag_seconds{{{lagging}}} 41.5" in counted
        assert f"strandline_consumer_lag_seconds{{{lagging.replace('0', '1')}}} 0.0" in counted
        await clock.advance(MAX_POLL_GAP + 1)
        assert (await client.get("/livez")).status_code == 503


async def test_health_leaves_an_unknown_lag_out() -> None:
    async def lag() -> dict[Partition, int]:
        raise Transient("the broker is away")

    app = ops_app(HealthRegistry(build_consumer_check("strandline.away", state, ManualClock(), lag=lag)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ops") as client:
        counted = (await client.get("/metrics")).text
    assert 'strandline_consumer_lag{group="strandline.away"' not in counted
    assert 'strandline_loop_in_flight{group="strandline.away"} 0.0' in counted


async def test_health_of_roles_in_one_process_shares_a_port() -> None:
    settings = Settings(ops_port=find_free_port())
    ops = f"http://127.0.0.1:{settings.ops_port}"

    async def role(name: str, reasons: list[str], stop: asyncio.Event) -> None:
        with serve_health(health, lambda: reasons, list, name=name):
            await stop.wait()

    stop = asyncio.Event()
    async with (
        aggregate_health(settings) as health,
        httpx.AsyncClient(base_url=ops, trust_env=False) as client,
    ):
        tasks = [
            asyncio.create_task(role("well", [], stop)),
            asyncio.create_task(role("ill", ["it hangs"], stop)),
        ]
        await asyncio.sleep(0)
        answer = await client.get("/livez")
        assert (answer.status_code, answer.json()["reasons"]) == (503, ["ill: it hangs"])
        stop.set()
        await asyncio.gather(*tasks)
        assert (await client.get("/livez")).status_code == 200
    async with httpx.AsyncClient(base_url=ops, trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("/livez")
