"""Faults of name resolution: nothing resolves for a minute, while every connection is cut."""

import asyncio
from random import Random

import redis.asyncio

from tests.support.faults.broker_faults import kill_broker
from tests.support.faults.crew_faults import kill
from tests.support.faults.database_faults import cut_connections
from tests.support.faults.faults import Fault
from tests.support.faults.stand import FaultEnvironment

_SECONDS = 60.0


async def fail_names(stand: FaultEnvironment, chance: Random) -> None:
    """Let no name resolve, cut every connection, and start an analyzer, which finds no service at all."""
    names = stand.owned.names
    assert names is not None, "this fault needs roles under names of its own"
    names.fail()
    try:
        async with asyncio.timeout(_SECONDS), asyncio.TaskGroup() as cutting:
            for cut in (kill_broker, cut_connections, _cut_redis, kill("analyzer")):
                cutting.create_task(cut(stand, chance))
            await asyncio.sleep(2 * _SECONDS)
    except TimeoutError:
        pass  # the minute is over
    finally:
        names.restore()


async def _cut_redis(stand: FaultEnvironment, _chance: Random) -> None:
    assert stand.owned.redis is not None, "this fault needs a Redis of its own"
    async with redis.asyncio.Redis.from_url(stand.owned.redis.address) as client:
        await client.client_kill_filter(_type="normal")


FAIL_NAMES = Fault("fail-names", fail_names, _SECONDS, frozenset({"kafka", "redis", "names"}))
