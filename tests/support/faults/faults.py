"""The definition of a fault: a change to the environment that is undone when it returns."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Literal, NamedTuple

from tests.support.faults.plan import Shares
from tests.support.faults.promise import MakePromise
from tests.support.faults.stand import FaultEnvironment


class StandKind(NamedTuple):
    """How a stand is set up: rounds of the same kind can share one."""

    own_clock: bool
    own_names: bool
    cluster: bool
    bans_past: int | None


@dataclass(frozen=True, slots=True)
class Fault:
    """`strike` breaks something and returns, after about `seconds`, when it is healed.

    breaks     the services that the round must own
    shares     kinds of requests, if not the default
    behind     seconds by which a role's wall clock may be behind
    api        with an API, all requests go through it and it is polled during the round; if it is `spared`, every poll
               must be answered
    promise    what a role promises beyond the requests, if the fault is about such a role
    rewinds    whether committed offsets may go back, because that is the fault
    loses_records  whether Kafka itself loses acknowledged records: those sent before that may have no outcome
    bans_past  weight per minute above which the exchange bans, which must not happen; None: not checked
    """

    name: str
    strike: Callable[[FaultEnvironment, Random], Awaitable[None]]
    seconds: float
    breaks: frozenset[str] = frozenset()
    shares: Shares | None = None
    behind: float = 0.0
    bans_past: int | None = None
    api: Literal["none", "spared", "struck"] = "none"
    promise: MakePromise | None = None
    rewinds: bool = False
    loses_records: bool = False

    @property
    def stand(self) -> StandKind:
        return StandKind(
            "wall" in self.breaks, "names" in self.breaks, "cluster" in self.breaks, self.bans_past
        )
