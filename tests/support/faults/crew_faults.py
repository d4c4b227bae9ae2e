"""Faults of processes: killed, frozen, joining and leaving."""

import asyncio
from random import Random

from tests.support.faults.crew import ProcessWorker, Role
from tests.support.faults.faults import Fault
from tests.support.faults.stand import SESSION_SECONDS, FaultEnvironment

_TURN_SECONDS = 10.0
_HELD_SECONDS = 1.0


async def _kill(stand: FaultEnvironment, chance: Random, role: Role) -> None:
    """Kill one at a random moment; start another after a while."""
    await stand.crew.kill(chance.choice(stand.crew.of(role)))
    await asyncio.sleep(chance.uniform(0.0, 2.0))
    await stand.crew.start(role)


async def kill_analyzer(stand: FaultEnvironment, chance: Random) -> None:
    await _kill(stand, chance, "analyzer")


async def kill_sink(stand: FaultEnvironment, chance: Random) -> None:
    await _kill(stand, chance, "sink")


async def kill_api(stand: FaultEnvironment, chance: Random) -> None:
    await _kill(stand, chance, "api")


async def freeze_analyzer(stand: FaultEnvironment, chance: Random) -> None:
    """Freeze one for longer than its session with fetches under way; others answer in its place."""
    sleeper = chance.choice(stand.crew.of("analyzer"))
    assert isinstance(sleeper, ProcessWorker)
    await stand.exchange.fault("delay", path="klines", seconds=_HELD_SECONDS)
    await asyncio.sleep(2 * _HELD_SECONDS)
    sleeper.freeze()
    try:
        await stand.exchange.heal()
        await asyncio.sleep(SESSION_SECONDS + 3.0)
    finally:
        sleeper.thaw()


async def come_and_go(stand: FaultEnvironment, chance: Random) -> None:
    """Every 10 s start one more analyzer and stop one."""
    for _ in range(2):
        await stand.crew.start("analyzer")
        await asyncio.sleep(_TURN_SECONDS / 2)
        await stand.crew.stop(chance.choice(stand.crew.of("analyzer")))
        await asyncio.sleep(_TURN_SECONDS / 2)


KILL_ANALYZER = Fault("kill-analyzer", kill_analyzer, 3.0)
KILL_SINK = Fault("kill-sink", kill_sink, 3.0)
KILL_API = Fault("kill-api", kill_api, 3.0, api="struck")
FREEZE_ANALYZER = Fault("freeze-analyzer", freeze_analyzer, SESSION_SECONDS + 5.0)
COME_AND_GO = Fault("come-and-go", come_and_go, 2 * _TURN_SECONDS)
