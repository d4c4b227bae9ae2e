"""The keys of the table, as a process of the API knows them: read again when a few seconds old.

So a key that is revoked is refused everywhere within REFRESH, whatever the number of processes. While the database is
away the keys known before go on being good.
"""

import asyncio
from collections.abc import Mapping

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from runtime.clock import Clock
from runtime.errors import Transient
from storage import api_keys as key_table
from storage.api_key_format import ApiKey, find_valid_key, parse_key_id
from storage.database_errors import translate_errors

REFRESH = 10.0
SOONEST = 1.0
"""Seconds: how old what is known may be; and how old it must be for a key that is not among it to be looked up."""

LEFT_ALONE = 5.0
"""Seconds that the database is not asked again, once it did not answer."""

_LONGEST_READ = 3.0
_log = structlog.get_logger(__name__)


class KeyRing:
    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._keys: Mapping[str, ApiKey] | None = None
        self._read_at = clock.monotonic()
        self._left_alone_until = clock.monotonic()
        self._reading = asyncio.Lock()

    async def find(self, given: str) -> ApiKey | None:
        """The valid key that this is. Raises Transient where nobody can tell."""
        if parse_key_id(given) is None:
            return None
        keys = await self._known(REFRESH)
        if parse_key_id(given) not in keys:
            keys = await self._known(SOONEST)  # it may have been made just now
        return find_valid_key(keys, given, self._clock.now())

    async def any(self) -> bool:
        """Whether there is, or ever was, a key. Raises Transient where nobody can tell."""
        return bool(await self._known(REFRESH))

    async def _known(self, age: float) -> Mapping[str, ApiKey]:
        async with self._reading:
            now = self._clock.monotonic()
            fresh = self._keys is not None and now - self._read_at < age
            if not fresh and now >= self._left_alone_until:
                await self._read()
            if self._keys is None:
                raise Transient("the keys can't be looked up now: try again", retry_after=LEFT_ALONE)
            return self._keys

    async def _read(self) -> None:
        try:
            with translate_errors():
                async with asyncio.timeout(_LONGEST_READ), self._engine.connect() as connection:
                    self._keys = await key_table.load_all(connection)
        except Transient as error:
            # Whoever asks meanwhile must not wait for the next failure.
            self._left_alone_until = self._clock.monotonic() + LEFT_ALONE
            _log.warning("keys not read", error=str(error), seconds=LEFT_ALONE)
        else:
            self._read_at = self._clock.monotonic()
