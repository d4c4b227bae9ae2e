"""A fetch that does not give up: exchange trouble is retried with backoff until nobody waits for it any more."""

import asyncio
import random
from contextlib import suppress

import structlog

from consumers.analyzer.group import Group
from runtime.broker.retry import backoff
from runtime.clock import Clock
from runtime.errors import Transient
from runtime.markets.ports import CandleSource, Series

_log = structlog.get_logger(__name__)


class Fetch:
    """One market's candles, wanted by one group. `attempts` and `trouble` tell how it went so far."""

    def __init__(self, source: CandleSource, group: Group, clock: Clock) -> None:
        self._source = source
        self._group = group
        self._clock = clock
        self.attempts = 0
        self.trouble: Transient | None = None
        self._fetching: asyncio.Task[Series] | None = None

    async def until_expiry(self) -> Series | None:
        """The series, or None once a member of the group has expired first: ask again for those that are left.

        The fetch goes on between calls. Raises Permanent. The caller ends it with `stop`.
        """
        expiry = self._group.next_expiry
        if expiry is None:
            return None
        fetching = self._begun()
        seconds = max((expiry - self._clock.now()).total_seconds(), 0.0)
        waiting = asyncio.create_task(self._clock.sleep(seconds))
        try:
            await asyncio.wait({fetching, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            with suppress(asyncio.CancelledError):
                await waiting
        return fetching.result() if fetching.done() else None

    async def stop(self) -> None:
        """Nobody waits for it any more."""
        if self._fetching is None:
            return
        self._fetching.cancel()
        await asyncio.wait({self._fetching})
        if not self._fetching.cancelled():
            self._fetching.exception()  # known to whoever awaited it; asyncio must not complain of it again

    def _begun(self) -> asyncio.Task[Series]:
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._retried(), name=f"fetch {self._group.market}")
        return self._fetching

    async def _retried(self) -> Series:
        while True:
            self.attempts += 1
            try:
                return await self._source.candles(self._group.market, self._group.limit)
            except Transient as trouble:
                self.trouble = trouble
                seconds = backoff(self.attempts, retry_after=trouble.retry_after, random=random.random())  # noqa: S311
                _log.warning(
                    "fetch.retry", attempt=self.attempts, seconds=round(seconds, 2), error=str(trouble)
                )
                await self._clock.sleep(seconds)
