"""Faults of Redis: stopped, killed, frozen. It comes back empty."""

import asyncio
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

from tests.support.containers import Server
from tests.support.faults.faults import Fault
from tests.support.faults.stand import FaultEnvironment

_SECONDS = 7.0  # longer than clients pause after finding it down
_BANS_PAST = 1_200
"""Weight per minute that the exchange allows: low enough to slow down a long round."""

Act = Callable[[Server], None]


def remove_redis(
    away: Act, back: Act, seconds: float
) -> Callable[[FaultEnvironment, Random], Coroutine[Any, Any, None]]:
    """Return a strike that removes Redis for `seconds` and up to 2 s more."""

    async def strike(stand: FaultEnvironment, chance: Random) -> None:
        redis = stand.owned.redis
        assert redis is not None, "this fault needs a Redis of its own"
        await asyncio.to_thread(away, redis)
        try:
            await asyncio.sleep(seconds + chance.uniform(0.0, 2.0))
        finally:
            await asyncio.to_thread(back, redis)

    return strike


def _redis_fault(how: str, away: Act, back: Act) -> Fault:
    strike = remove_redis(away, back, _SECONDS)
    return Fault(f"{how}-redis", strike, _SECONDS, frozenset({"redis"}), bans_past=_BANS_PAST, api="spared")


STOP_REDIS = _redis_fault("stop", Server.stop, Server.start)
KILL_REDIS = _redis_fault("kill", Server.kill, Server.start)
FREEZE_REDIS = _redis_fault("freeze", Server.freeze, Server.thaw)
