"""Who may do what: which scope a call needs, and whether whoever makes it has a key for that.

Reads are open unless a setting closes them, and whatever `Authorization` a proxy adds is none of our business. Writes
are open until there is a key, or as a setting says.
"""

import secrets
from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from api.access.keyring import KeyRing
from api.http.problems import Refused
from runtime.settings import Settings
from storage.api_key_format import SCOPES, Scope

HEADER = "X-API-Key"
_MOST_GIVEN = 512

_KEY = APIKeyHeader(
    name=HEADER,
    auto_error=False,
    description="needed for writes where there are keys, and for reads where they are closed",
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever has a valid key: `id` tells holders apart, and is no secret."""

    id: str
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or "admin" in self.scopes


class Gate:
    """Knows the keys of the settings and of the table. One for each application."""

    def __init__(self, settings: Settings, keyring: KeyRing) -> None:
        self._settings = settings
        self._keyring = keyring

    async def holder(self, given: str | None) -> Holder | None:
        """Whose key `given` is, if it is a valid one. Raises Transient where nobody can tell."""
        if not given or len(given) > _MOST_GIVEN:
            return None
        if (place := self._place_in_settings(given)) is not None:
            return Holder(f"setting-{place}", frozenset(SCOPES))
        key = await self._keyring.find(given)
        return Holder(key.id, key.scopes) if key is not None else None

    async def open(self, scope: Scope) -> bool:
        """Whether it takes no key. Raises Transient where nobody can tell."""
        if scope == "read":
            return self._settings.reads == "open"
        if self._settings.writes == "open":
            return scope != "admin"
        if self._settings.writes == "keys" or self._settings.api_keys:
            return False
        return not await self._keyring.any()

    async def check(self, scope: Scope, given: str | None) -> None:
        """Return if the call may be made. Raises Refused (401, 403), and Transient where nobody can tell."""
        if await self.open(scope):
            return
        holder = await self.holder(given)
        if holder is None:
            raise Refused(401, f"this call needs a valid {HEADER} header")
        if not holder.may(scope):
            raise Refused(403, f"this key does not have the scope {scope!r}")

    def _place_in_settings(self, given: str) -> int | None:
        # All are compared, in constant time each: how long it takes tells nothing.
        same = [
            secrets.compare_digest(_bytes(given), _bytes(one.get_secret_value()))
            for one in self._settings.api_keys
        ]
        return same.index(True) if any(same) else None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _gate(request: Request) -> Gate:
    return cast(Gate, request.app.state.gate)


_Gate = Annotated[Gate, Depends(_gate)]
_Key = Annotated[str | None, Security(_KEY)]


async def _reading(request: Request, gate: _Gate, key: _Key) -> None:
    if request.method in {"GET", "HEAD"}:
        await gate.check("read", key)


def _needs(scope: Scope) -> Any:
    async def checked(gate: _Gate, key: _Key) -> None:
        await gate.check(scope, key)

    return Depends(checked)


READER = Depends(_reading)
"""Put on every room of routes: it looks at those that only read."""

ENQUEUER, WATCHER, ADMIN = _needs("enqueue"), _needs("watch"), _needs("admin")
"""Put on what asks for an analysis, on what changes watches, and on what operates."""
