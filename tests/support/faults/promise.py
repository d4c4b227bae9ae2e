"""What a role promises beyond the requests of a round: exercised beside them, probed after each fault, then judged."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tests.support.faults.crew import Role
from tests.support.faults.stand import FaultEnvironment


@dataclass(frozen=True, slots=True)
class Verdict:
    """`broken` describes each violation, `note` what was counted."""

    broken: Sequence[str] = field(default_factory=tuple)
    note: str = ""


class RolePromise(Protocol):
    """`roles` are up from before `prepare` until after `judge`."""

    roles: Mapping[Role, int]

    async def prepare(self) -> None:
        """Return when the roles work."""
        ...

    async def exercise(self) -> None:
        """Return when there is enough to judge."""
        ...

    async def probe(self) -> None:
        """Return when the roles work again after a fault."""
        ...

    async def judge(self) -> Verdict:
        """Judge what there is by now: a violation may be one of something that is still to come."""
        ...


MakePromise = Callable[[FaultEnvironment, int], RolePromise]
"""Makes the promise of a round of that many requests."""


async def wait_until(condition: Callable[[], Awaitable[bool]], pause: float) -> None:
    """Poll the condition: topics and tables offer no event to wait for. The caller sets the deadline."""
    while not await condition():  # noqa: ASYNC110 - as above
        await asyncio.sleep(pause)
