"""Faults of the exchange (rate limits, bans, errors, wrong bodies, timeouts), and unreadable requests."""

import asyncio
from random import Random

from tests.support.faults.faults import Fault
from tests.support.faults.plan import Shares
from tests.support.faults.stand import FaultEnvironment

_SECONDS = 6.0
_HANG_SECONDS = 30.0  # longer than any request timeout


def _exchange_fault(kind: str, seconds: float | None = None) -> Fault:
    async def strike(stand: FaultEnvironment, _chance: Random) -> None:
        await stand.exchange.fault(kind, **({} if seconds is None else {"seconds": seconds}))
        try:
            await asyncio.sleep(_SECONDS)
        finally:
            await stand.exchange.heal()

    return Fault(f"exchange-{kind}", strike, _SECONDS)


async def do_nothing(_stand: FaultEnvironment, _chance: Random) -> None:
    """Do nothing: the requests themselves are the fault."""


TOO_MANY = _exchange_fault("429", _SECONDS)
BANNED = _exchange_fault("418", _SECONDS)
BROKEN = _exchange_fault("5xx")
TRUNCATED = _exchange_fault("truncated")
GARBAGE = _exchange_fault("garbage")
HANGING = _exchange_fault("timeout", _HANG_SECONDS)
POISON = Fault("poison", do_nothing, 3.0, shares=Shares(poison=0.05))
