"""What a fault is: something done to the stand that is undone again when it returns."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from tests.support.faults.plan import Shares
from tests.support.faults.stand import Stand


@dataclass(frozen=True, slots=True)
class Fault:
    """`strike` returns when all is healed again, after about `seconds`.

    breaks     what it must own to do so
    shares     what is asked, if not the usual
    behind     so many seconds a role's wall clock may be behind
    bans_past  weight a minute past which the exchange bans, and it must not come to that; None: not looked at
    """

    name: str
    strike: Callable[[Stand, Random], Awaitable[None]]
    seconds: float
    breaks: frozenset[str] = frozenset()
    shares: Shares | None = None
    behind: float = 0.0
    bans_past: int | None = None
