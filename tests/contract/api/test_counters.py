"""Requests counted in a real Redis by all processes, and in memory while Redis is away."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from api.access.counters import RequestCounters
from api.access.quotas import WINDOW, Quota
from runtime.best_effort_redis import BestEffortRedis
from runtime.clock import SystemClock
from tests.support.clock import ManualClock
from tests.support.refusing_redis import REFUSALS, Refusal

READS, WRITES = Quota("requests", 5), Quota("writes", 2)


@pytest.fixture
async def several(redis_url: str) -> AsyncIterator[list[RequestCounters]]:
    """The counters of three processes."""
    counters = [
        RequestCounters(SystemClock(), BestEffortRedis.from_url(redis_url, SystemClock())) for _ in range(3)
    ]
    try:
        yield counters
    finally:
        for each in counters:
            await each.close()


async def test_counters_of_processes_share_their_counts(several: list[RequestCounters]) -> None:
    found = await asyncio.gather(
        *(each.count_request("address:1.2.3.4", [READS]) for each in several for _ in range(4))
    )
    assert sorted(one.count for (one,) in found) == list(range(1, 13))
    assert sum(one.is_exceeded for (one,) in found) == 12 - READS.limit
    assert all(0 < one.seconds_left <= WINDOW for (one,) in found)


async def test_counters_keep_clients_and_quotas_apart(several: list[RequestCounters]) -> None:
    await several[0].count_request("address:1.2.3.4", [READS, WRITES])
    again = await several[1].count_request("address:1.2.3.4", [READS, WRITES])
    assert [(one.quota.name, one.count) for one in again] == [("requests", 2), ("writes", 2)]
    assert [one.count for one in await several[2].count_request("key:0123", [READS])] == [1]


async def test_counters_repair_a_window_without_expiry(
    several: list[RequestCounters], redis_url: str
) -> None:
    client = BestEffortRedis.from_url(redis_url, SystemClock())
    await client.client.set("strandline:limit:requests:x", 3)
    (one,) = await several[0].count_request("x", [READS])
    assert (one.count, one.seconds_left) == (4, pytest.approx(WINDOW, abs=1))
    assert 0 < await client.client.ttl("strandline:limit:requests:x") <= WINDOW
    await client.close()


async def test_counters_count_after_redis_has_lost_its_scripts(
    several: list[RequestCounters], redis_url: str
) -> None:
    await several[0].count_request("address:1.2.3.9", [READS])
    client = BestEffortRedis.from_url(redis_url, SystemClock())
    await client.client.script_flush()
    await client.close()
    (one,) = await several[1].count_request("address:1.2.3.9", [READS])
    assert one.count == 2


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_counters_count_in_memory_while_redis_refuses_writes(
    several: list[RequestCounters], redis_url: str, refusal: Refusal
) -> None:
    async with Redis.from_url(redis_url) as redis, refusal(redis):
        counted = [(await several[0].count_request("x", [WRITES]))[0] for _ in range(3)]
    assert [one.count for one in counted] == [1, 2, 3]
    assert [one.is_exceeded for one in counted] == [False, False, True]


async def test_counters_work_in_memory_while_redis_is_away() -> None:
    clock = ManualClock()
    away = RequestCounters(clock, BestEffortRedis.from_url("redis://127.0.0.1:1", clock))
    assert [(await away.count_request("x", [WRITES]))[0].is_exceeded for _ in range(3)] == [
        False,
        False,
        True,
    ]
    await clock.advance(WINDOW)
    assert not (await away.count_request("x", [WRITES]))[0].is_exceeded
    await away.close()
