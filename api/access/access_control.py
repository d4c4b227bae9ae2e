"""Decides whether a call is allowed: which scopes need a key, and which scopes a key has.

Reads are open unless a setting closes them, and a foreign `Authorization` header is ignored. Writes are open until
there is a key, or as a setting says.
"""

import secrets
from dataclasses import dataclass

from api.access.keyring import KeyRing
from api.http.problems import ProblemError
from runtime.settings import Settings
from storage.api_key_format import SCOPES, Scope

KEY_HEADER = "X-API-Key"
_MAX_KEY_LENGTH = 512


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The owner of a valid key. `id` identifies the owner and is not secret."""

    id: str
    scopes: frozenset[Scope]

    def has_scope(self, scope: Scope) -> bool:
        """Return whether the key allows calls of `scope`; `admin` allows all."""
        return scope in self.scopes or "admin" in self.scopes


class AccessControl:
    """Checks keys of the settings and of the table. One for each application."""

    def __init__(self, settings: Settings, keyring: KeyRing) -> None:
        self._settings = settings
        self._keyring = keyring

    async def find_holder(self, key: str | None) -> KeyHolder | None:
        """Return the holder of a valid key. Raises Transient while keys cannot be looked up."""
        if not key or len(key) > _MAX_KEY_LENGTH:
            return None
        if (index := self._find_in_settings(key)) is not None:
            return KeyHolder(f"setting-{index}", frozenset(SCOPES))
        stored = await self._keyring.find(key)
        return KeyHolder(stored.id, stored.scopes) if stored is not None else None

    async def is_open(self, scope: Scope) -> bool:
        """Return whether calls of `scope` need no key. Raises Transient while keys cannot be looked up."""
        if scope == "read":
            return self._settings.reads == "open"
        if self._settings.writes == "open":
            return scope != "admin"
        if self._settings.writes == "keys" or self._settings.api_keys:
            return False
        return not await self._keyring.has_keys()

    async def authorize(self, scope: Scope, key: str | None) -> None:
        """Return if the call is allowed. Raises ProblemError (401, 403), and Transient as `find_holder` does."""
        if await self.is_open(scope):
            return
        holder = await self.find_holder(key)
        if holder is None:
            raise ProblemError(401, f"this call needs a valid {KEY_HEADER} header")
        if not holder.has_scope(scope):
            raise ProblemError(403, f"this key does not have the scope {scope!r}")

    def _find_in_settings(self, key: str) -> int | None:
        # All keys are compared, each in constant time, so that the duration reveals nothing.
        equal = [
            secrets.compare_digest(_encode(key), _encode(known.get_secret_value()))
            for known in self._settings.api_keys
        ]
        return equal.index(True) if any(equal) else None


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
