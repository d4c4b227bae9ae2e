"""The nemesis of Redis: stopped, killed, hanging. It comes back with what it had saved, which is nothing."""

import asyncio
from collections.abc import Callable
from random import Random

from tests.support.containers import Server
from tests.support.faults.faults import Fault
from tests.support.faults.stand import Stand

_SECONDS = 7.0  # longer than those who found it gone leave it alone
_BANS_PAST = 1_200
"""Weight a minute that the exchange allows: so little that a round is held back by it, with Redis and without."""


def _gone(how: str, away: Callable[[Server], None], back: Callable[[Server], None]) -> Fault:
    async def strike(stand: Stand, chance: Random) -> None:
        redis = stand.owned.redis
        assert redis is not None, "this fault needs a Redis of its own"
        await asyncio.to_thread(away, redis)
        try:
            await asyncio.sleep(_SECONDS + chance.uniform(0.0, 2.0))
        finally:
            await asyncio.to_thread(back, redis)

    return Fault(f"{how}-redis", strike, _SECONDS, frozenset({"redis"}), bans_past=_BANS_PAST)


STOP_REDIS = _gone("stop", Server.stop, Server.start)
KILL_REDIS = _gone("kill", Server.kill, Server.start)
FREEZE_REDIS = _gone("freeze", Server.freeze, Server.thaw)
