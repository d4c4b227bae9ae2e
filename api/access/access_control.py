"""Decides whether a call is allowed: which scopes need a key, and which scopes a key has.

A key is sent as `X-API-Key`, or as `Authorization: Bearer`. Reads are open unless a setting closes them, and ignore a
foreign `Authorization` header. Writes are open until there is a key, or as a setting says.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from api.access.keyring import KeyRing
from api.access.tickets import Ticket, issue_ticket, parse_ticket, verify_ticket
from api.http.problems import ProblemError
from runtime.clock import Clock
from runtime.settings import Settings
from storage.api_key_format import SCOPES, Scope, hash_key

KEY_HEADER = "X-API-Key"
_BEARER = "bearer "
_SETTING = "setting-"
_MAX_KEY_LENGTH = 512


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The owner of a valid key. `id` identifies the owner and is not secret."""

    id: str
    scopes: frozenset[Scope]

    def has_scope(self, scope: Scope) -> bool:
        """Return whether the key allows calls of `scope`; `admin` allows all."""
        return scope in self.scopes or "admin" in self.scopes


def read_key(headers: Mapping[str, str]) -> str | None:
    """Return the key among the headers of a request; `X-API-Key` counts where both are sent."""
    if key := headers.get(KEY_HEADER):
        return key
    authorization = headers.get("Authorization", "")
    return authorization[len(_BEARER) :].strip() if authorization[: len(_BEARER)].lower() == _BEARER else None


class AccessControl:
    """Checks keys of the settings and of the table. One for each application."""

    def __init__(self, settings: Settings, keyring: KeyRing, clock: Clock) -> None:
        self._settings = settings
        self._keyring = keyring
        self._clock = clock

    async def find_holder(self, key: str | None) -> KeyHolder | None:
        """Return the holder of a valid key. Raises Transient while keys cannot be looked up."""
        if not key or len(key) > _MAX_KEY_LENGTH:
            return None
        if (index := self._find_in_settings(key)) is not None:
            return KeyHolder(f"{_SETTING}{index}", frozenset(SCOPES))
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
            raise ProblemError(
                401, f"this call needs a valid key: send {KEY_HEADER}, or Authorization: Bearer"
            )
        if not holder.has_scope(scope):
            raise ProblemError(403, f"this key does not have the scope {scope!r}")

    async def issue_ticket(self, key: str | None) -> Ticket | None:
        """Return a ticket for the stream; None where reads need no key. Raises as `authorize` does."""
        await self.authorize("read", key)
        if await self.is_open("read"):
            return None
        holder = await self.find_holder(key)
        assert holder is not None
        assert key is not None
        return issue_ticket(holder.id, hash_key(key), self._clock.now())

    async def authorize_ticket(self, text: str) -> None:
        """Return if the ticket is valid, and its key still is. Raises as `authorize` does."""
        if await self.is_open("read"):
            return
        ticket = parse_ticket(text)
        key_hash = await self._find_hash(ticket.holder) if ticket is not None else None
        if ticket is None or key_hash is None or not verify_ticket(ticket, key_hash, self._clock.now()):
            raise ProblemError(401, "the ticket is not valid (any more): request another")

    async def _find_hash(self, holder: str) -> str | None:
        """Return the hash of a holder's key, if it is valid and may read."""
        if holder.startswith(_SETTING):
            keys = self._settings.api_keys
            index = int(number) if (number := holder.removeprefix(_SETTING)).isdecimal() else len(keys)
            return hash_key(keys[index].get_secret_value()) if index < len(keys) else None
        stored = await self._keyring.get(holder)
        if stored is None or not KeyHolder(stored.id, stored.scopes).has_scope("read"):
            return None
        return stored.hash

    def _find_in_settings(self, key: str) -> int | None:
        # All keys are compared, each in constant time, so that the duration reveals nothing.
        equal = [
            secrets.compare_digest(_encode(key), _encode(known.get_secret_value()))
            for known in self._settings.api_keys
        ]
        return equal.index(True) if any(equal) else None


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
