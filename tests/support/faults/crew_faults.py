"""Faults of processes: killed, frozen, joining and leaving."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, Literal

from tests.support.faults.crew import ProcessWorker, Role
from tests.support.faults.faults import Fault
from tests.support.faults.feed_promise import FeedPromise
from tests.support.faults.fires_promise import FiresPromise
from tests.support.faults.prices_promise import PricesPromise
from tests.support.faults.promise import MakePromise
from tests.support.faults.scheduler_promise import SchedulerPromise
from tests.support.faults.stand import SESSION_SECONDS, FaultEnvironment

_TURN_SECONDS = 10.0
_HELD_SECONDS = 1.0
_STORM_TURN = 6.0
_STORM_TURNS = 6
_MINUTE = 60.0


def kill(role: Role) -> Callable[[FaultEnvironment, Random], Coroutine[Any, Any, None]]:
    """Return a strike that kills one worker of the role at a random moment, and starts another after a while."""

    async def strike(stand: FaultEnvironment, chance: Random) -> None:
        await stand.crew.kill(chance.choice(stand.crew.of(role)))
        await asyncio.sleep(chance.uniform(0.0, 2.0))
        await stand.crew.start(role)

    return strike


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


async def freeze_feed(stand: FaultEnvironment, chance: Random) -> None:
    """Freeze the feed from shortly before the end of a minute until some seconds after it."""
    (sleeper,) = stand.crew.of("feed")
    assert isinstance(sleeper, ProcessWorker)
    left = _MINUTE - time.time() % _MINUTE
    await asyncio.sleep(max(0.0, left - chance.uniform(0.5, 3.0)))
    sleeper.freeze()
    try:
        await asyncio.sleep(chance.uniform(5.0, 15.0))
    finally:
        sleeper.thaw()


async def double_feed(stand: FaultEnvironment, chance: Random) -> None:
    """Run two feeds of the same markets over the end of a minute, then stop one of them."""
    await stand.crew.start("feed")
    await asyncio.sleep(_MINUTE - time.time() % _MINUTE + chance.uniform(5.0, 8.0))
    await stand.crew.stop(chance.choice(stand.crew.of("feed")))


async def come_and_go(stand: FaultEnvironment, chance: Random) -> None:
    """Every 10 s start one more analyzer and stop one."""
    for _ in range(2):
        await stand.crew.start("analyzer")
        await asyncio.sleep(_TURN_SECONDS / 2)
        await stand.crew.stop(chance.choice(stand.crew.of("analyzer")))
        await asyncio.sleep(_TURN_SECONDS / 2)


async def storm(stand: FaultEnvironment, chance: Random) -> None:
    """Ten times a minute an analyzer joins, or one leaves."""
    for turn in range(_STORM_TURNS):
        if turn % 2:
            await stand.crew.stop(chance.choice(stand.crew.of("analyzer")))
        else:
            await stand.crew.start("analyzer")
        await asyncio.sleep(_STORM_TURN)


def _kill_fault(
    role: Role, api: Literal["none", "struck"] = "none", promise: MakePromise | None = None
) -> Fault:
    return Fault(f"kill-{role}", kill(role), 3.0, api=api, promise=promise)


KILL_ANALYZER = _kill_fault("analyzer")
KILL_SINK = _kill_fault("sink")
KILL_API = _kill_fault("api", "struck")
KILL_SCHEDULER = _kill_fault("scheduler", promise=SchedulerPromise)
KILL_FEED = _kill_fault("feed", promise=FeedPromise)
FREEZE_FEED = Fault("freeze-feed", freeze_feed, _MINUTE + 15.0, promise=FeedPromise)
DOUBLE_FEED = Fault("double-feed", double_feed, _MINUTE + 8.0, promise=FeedPromise)
KILL_PRICES = _kill_fault("prices", promise=PricesPromise)
KILL_WATCHER = _kill_fault("watcher", promise=FiresPromise)
KILL_NOTIFIER = _kill_fault("notifier", promise=FiresPromise)
REBALANCE_STORM = Fault("rebalance-storm", storm, _STORM_TURN * _STORM_TURNS)
FREEZE_ANALYZER = Fault("freeze-analyzer", freeze_analyzer, SESSION_SECONDS + 5.0)
COME_AND_GO = Fault("come-and-go", come_and_go, 2 * _TURN_SECONDS)
