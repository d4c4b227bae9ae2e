"""Several faults at once, and faults one after another, chosen at random."""

import asyncio
from collections.abc import Sequence
from random import Random

import structlog

from tests.support.faults import broker_faults as broker
from tests.support.faults import crew_faults as crew
from tests.support.faults import database_faults as database
from tests.support.faults import exchange_faults as exchange
from tests.support.faults import redis_faults as redis
from tests.support.faults.faults import Fault
from tests.support.faults.stand import FaultEnvironment

_log = structlog.get_logger(__name__)

FAMILIES: Sequence[Sequence[Fault]] = (
    (crew.KILL_ANALYZER, crew.KILL_SINK, crew.COME_AND_GO),
    (broker.FREEZE_BROKER, broker.STOP_BROKER, broker.KILL_BROKER),
    (
        database.KILL_DATABASE,
        database.RESTART_DATABASE,
        database.FORBID_WRITING,
        database.LOCK_TABLES,
        database.ALTER_TABLE,
        database.CUT_CONNECTIONS,
    ),
    (
        exchange.TOO_MANY,
        exchange.BANNED,
        exchange.BROKEN,
        exchange.TRUNCATED,
        exchange.GARBAGE,
        exchange.HANGING,
    ),
    (redis.STOP_REDIS, redis.KILL_REDIS, redis.FREEZE_REDIS),
)
"""Faults of one family break the same thing: only faults of different families may strike at once."""


def choose_faults(chance: Random, count: int) -> list[Fault]:
    """Return that many faults, each of another family."""
    return [chance.choice(family) for family in chance.sample(FAMILIES, count)]


async def strike_pair(stand: FaultEnvironment, chance: Random) -> None:
    await _strike(stand, chance, choose_faults(chance, 2))


async def strike_any(stand: FaultEnvironment, chance: Random) -> None:
    """Let one to three faults strike at once."""
    await _strike(stand, chance, choose_faults(chance, chance.randint(1, 3)))


async def _strike(stand: FaultEnvironment, chance: Random, faults: Sequence[Fault]) -> None:
    _log.info("nemesis.chose", faults=[fault.name for fault in faults])
    async with asyncio.TaskGroup() as striking:
        for fault in faults:
            striking.create_task(fault.strike(stand, chance))


_BREAKS = frozenset({"kafka", "mysql", "redis"})
TWO_AT_ONCE = Fault("two-at-once", strike_pair, 10.0, _BREAKS)
RANDOM = Fault("random", strike_any, 10.0, _BREAKS)
