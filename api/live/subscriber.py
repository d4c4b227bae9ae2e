"""One client of the live stream: what it wants, and what waits for it."""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from api.http.symbol_query import searched

Kind = Literal["result", "failure", "price", "watch", "reset"]
KINDS: tuple[Kind, ...] = ("result", "failure", "price", "watch", "reset")


@dataclass(frozen=True, slots=True)
class Happening:
    """Something clients are told of; `data` is JSON. A `reset` says: you missed something, read anew.

    `place` is `exchange:market_type:symbol`; `market` the whole key, where it is about one timeframe only.
    """

    id: str
    kind: Kind
    place: str | None
    market: str | None
    data: str


@dataclass(frozen=True, slots=True)
class Interest:
    """Which happenings a client wants; None: all. `market` is a market key, a place, or a symbol.

    Prices and watches belong to every timeframe of their market: whoever follows one of them gets them.
    """

    market: str | None = None
    kinds: frozenset[Kind] | None = None

    def takes(self, happening: Happening) -> bool:
        if happening.kind == "reset":
            return True
        if self.kinds is not None and happening.kind not in self.kinds:
            return False
        if self.market is None:
            return True
        return happening.place is not None and self._is_of(happening.place, happening.market)

    def _is_of(self, place: str, market: str | None) -> bool:
        if self.market in {place, market, place.rpartition(":")[2]}:
            return True
        return market is None and self.market is not None and self.market.startswith(f"{place}:")

    @classmethod
    def of(cls, market: str | None, kinds: frozenset[Kind] | None) -> "Interest":
        if market is not None and market.count(":") < 2:
            market = searched(market)
        return cls(market, kinds)


class Listener:
    """A bounded queue. A client too slow for it loses what waited, and gets a `reset` in its place.

    Of the prices of one market only the latest waits.
    """

    def __init__(self, interest: Interest, room: int, client: str = "") -> None:
        self.client = client
        self._interest = interest
        self._room = room
        self._waiting: dict[Hashable, Happening] = {}
        self._wake = asyncio.Event()
        self._closed = False

    @property
    def ended(self) -> bool:
        """Nothing waits, and nothing will."""
        return self._closed and not self._waiting

    def offer(self, happening: Happening) -> None:
        if self._closed or not self._interest.takes(happening):
            return
        name = ("price", happening.place) if happening.kind == "price" else (happening.kind, happening.id)
        self._waiting.pop(name, None)
        if len(self._waiting) >= self._room:
            self._waiting.clear()
            happening = reset(happening.id, "this client is too slow")
        self._waiting[name] = happening
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
        return self._waiting.pop(next(iter(self._waiting))) if self._waiting else None

    def close(self) -> None:
        self._closed = True
        self._wake.set()


def reset(event_id: str, reason: str) -> Happening:
    """`reason` is a plain sentence without quotes."""
    return Happening(event_id, "reset", None, None, f'{{"reason":"{reason}"}}')
