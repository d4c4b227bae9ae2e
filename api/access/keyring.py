"""The API keys of the table, cached by each process of the API for a few seconds.

So a revoked key is refused everywhere within REFRESH_SECONDS. While the database is away, cached keys remain valid.
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

REFRESH_SECONDS = 10.0
"""Largest age of the cache."""

MISS_REFRESH_SECONDS = 1.0
"""Age from which the cache is refreshed for a key that is not in it."""

RETRY_SECONDS = 5.0
"""How long the database is not queried after it did not answer."""

_READ_TIMEOUT = 3.0
_log = structlog.get_logger(__name__)


class KeyRing:
    """Finds valid keys."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._keys: Mapping[str, ApiKey] | None = None
        self._read_at = clock.monotonic()
        self._retry_at = clock.monotonic()
        self._lock = asyncio.Lock()

    async def find(self, key: str) -> ApiKey | None:
        """Return the stored key if `key` is valid. Raises Transient while keys cannot be looked up."""
        if parse_key_id(key) is None:
            return None
        keys = await self._load(REFRESH_SECONDS)
        if parse_key_id(key) not in keys:
            keys = await self._load(MISS_REFRESH_SECONDS)  # it may have been created just now
        return find_valid_key(keys, key, self._clock.now())

    async def get(self, key_id: str) -> ApiKey | None:
        """Return the stored key with this id if it is valid. Raises Transient while keys cannot be looked up."""
        key = (await self._load(REFRESH_SECONDS)).get(key_id)
        if key is None:
            key = (await self._load(MISS_REFRESH_SECONDS)).get(key_id)
        return key if key is not None and key.is_valid(self._clock.now()) else None

    async def has_keys(self) -> bool:
        """Return whether there is, or ever was, a key. Raises Transient while keys cannot be looked up."""
        return bool(await self._load(REFRESH_SECONDS))

    async def _load(self, max_age: float) -> Mapping[str, ApiKey]:
        async with self._lock:
            now = self._clock.monotonic()
            is_fresh = self._keys is not None and now - self._read_at < max_age
            if not is_fresh and now >= self._retry_at:
                await self._read()
            if self._keys is None:
                raise Transient("API keys cannot be looked up now: try again", retry_after=RETRY_SECONDS)
            return self._keys

    async def _read(self) -> None:
        try:
            with translate_errors():
                async with asyncio.timeout(_READ_TIMEOUT), self._engine.connect() as connection:
                    self._keys = await key_table.load_all(connection)
        except Transient as error:
            # Callers must not wait for the next timeout.
            self._retry_at = self._clock.monotonic() + RETRY_SECONDS
            _log.warning("keys.read_failed", error=str(error), seconds=RETRY_SECONDS)
        else:
            self._read_at = self._clock.monotonic()
