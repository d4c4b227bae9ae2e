"""Faults of the broker: frozen, stopped or killed, then started again with its data."""

import asyncio
from random import Random

from tests.support.containers import Server
from tests.support.faults.faults import Fault
from tests.support.faults.stand import SESSION_SECONDS, FaultEnvironment

_FROZEN_SECONDS = SESSION_SECONDS + 2.0
_AWAY_SECONDS = 3.0


def _kafka(stand: FaultEnvironment) -> Server:
    assert stand.owned.kafka is not None, "this fault needs a broker of its own"
    return stand.owned.kafka


async def freeze_broker(stand: FaultEnvironment, _chance: Random) -> None:
    """Freeze it for longer than a session: connections stay open, but nothing is answered."""
    kafka = _kafka(stand)
    await asyncio.to_thread(kafka.freeze)
    try:
        await asyncio.sleep(_FROZEN_SECONDS)
    finally:
        await asyncio.to_thread(kafka.thaw)


async def stop_broker(stand: FaultEnvironment, chance: Random) -> None:
    kafka = _kafka(stand)
    await asyncio.to_thread(kafka.stop)
    await asyncio.sleep(chance.uniform(0.0, _AWAY_SECONDS))
    await asyncio.to_thread(kafka.start)


async def kill_broker(stand: FaultEnvironment, chance: Random) -> None:
    kafka = _kafka(stand)
    await asyncio.to_thread(kafka.kill)
    await asyncio.sleep(chance.uniform(0.0, _AWAY_SECONDS))
    await asyncio.to_thread(kafka.start)


_BREAKS = frozenset({"kafka"})
FREEZE_BROKER = Fault("freeze-broker", freeze_broker, _FROZEN_SECONDS, _BREAKS)
STOP_BROKER = Fault("stop-broker", stop_broker, 6.0, _BREAKS)
KILL_BROKER = Fault("kill-broker", kill_broker, 4.0, _BREAKS)
