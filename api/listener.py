"""One client of the live stream: what it wants, and what waits for it."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Literal

from api.symbols import searched
from schemas.market import Market

Kind = Literal["result", "failure", "price", "watch", "reset"]
KINDS: tuple[Kind, ...] = ("result", "failure", "price", "watch", "reset")


@dataclass(frozen=True, slots=True)
class Happening:
    """Something clients are told of; `data` is JSON. A `reset` says: you missed something, read anew."""

    id: str
    kind: Kind
    market: Market | None
    data: str


@dataclass(frozen=True, slots=True)
class Interest:
    """Which happenings a client wants; None: all. `market` is a market key, or a symbol as people write it."""

    market: str | None = None
    kinds: frozenset[Kind] | None = None

    def takes(self, happening: Happening) -> bool:
        if happening.kind == "reset":
            return True
        if self.kinds is not None and happening.kind not in self.kinds:
            return False
        if self.market is None:
            return True
        market = happening.market
        return market is not None and self.market in {market.key, market.symbol}

    @classmethod
    def of(cls, market: str | None, kinds: frozenset[Kind] | None) -> "Interest":
        if market is not None and market.count(":") < 3:
            market = searched(market)
        return cls(market, kinds)


class Listener:
    """A bounded queue. A client too slow for it loses what waited, and gets a `reset` in its place."""

    def __init__(self, interest: Interest, room: int, client: str = "") -> None:
        self.client = client
        self._interest = interest
        self._room = room
        self._waiting: deque[Happening] = deque()
        self._wake = asyncio.Event()
        self._closed = False

    @property
    def ended(self) -> bool:
        """Nothing waits, and nothing will."""
        return self._closed and not self._waiting

    def offer(self, happening: Happening) -> None:
        if self._closed or not self._interest.takes(happening):
            return
        if len(self._waiting) >= self._room:
            self._waiting.clear()
            happening = reset(happening.id, "this client is too slow")
        self._waiting.append(happening)
        self._wake.set()

    async def next(self, patience: float) -> Happening | None:
        """What waits longest; None when nothing came for `patience` seconds, or the stream ended."""
        try:
            async with asyncio.timeout(patience):
                while not self._waiting and not self._closed:
                    self._wake.clear()
                    await self._wake.wait()
        except TimeoutError:
            return None
        return self._waiting.popleft() if self._waiting else None

    def close(self) -> None:
        self._closed = True
        self._wake.set()


def reset(event_id: str, reason: str) -> Happening:
    """`reason` is a plain sentence without quotes."""
    return Happening(event_id, "reset", None, f'{{"reason":"{reason}"}}')
