"""What a fault is: something done to the stand that is undone again when it returns."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from tests.support.faults.plan import Shares
from tests.support.faults.stand import FaultEnvironment


@dataclass(frozen=True, slots=True)
class Fault:
    """`strike` returns when all is healed again, after about `seconds`.

    breaks     what it must own to do so
    shares     what is asked, if not the usual
    behind     so many seconds a role's wall clock may be behind
    api        where one is at work, all is asked through it, and it is looked at all the while: if it is `spared`,
               every look must be answered
    bans_past  weight a minute past which the exchange bans, and it must not come to that; None: not looked at
    """

    name: str
    strike: Callable[[FaultEnvironment, Random], Awaitable[None]]
    seconds: float
    breaks: frozenset[str] = frozenset()
    shares: Shares | None = None
    behind: float = 0.0
    bans_past: int | None = None
    api: Literal["none", "spared", "struck"] = "none"
