"""API keys: what one looks like, what is kept of it, and what it allows. Pure, but for the drawing of a new one.

A key is `sl_<id>_<secret>`. The secret is 256 bits drawn at random, so a plain SHA-256 of the whole key is enough to
keep (it is slow hashes that guessable passwords need), and the id, which is no secret, says which row to compare.
"""

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, get_args

Scope = Literal["read", "enqueue", "watch", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""read: all GETs, where reads are closed; enqueue: ask for analyses; watch: make and change watches; admin: the dead
letters, and everything else."""

_FORM = re.compile(r"sl_(?P<id>[0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_NOBODY = "0" * 64


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept. Times are aware, UTC."""

    id: str
    name: str
    hash: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def drawn(
    name: str, scopes: Collection[Scope], now: datetime, expires_at: datetime | None = None
) -> tuple[str, ApiKey]:
    """A new key: what its owner gets, which is kept nowhere, and what is kept."""
    key_id = secrets.token_hex(6)
    secret = f"sl_{key_id}_{secrets.token_urlsafe(32)}"
    return secret, ApiKey(key_id, name, hashed(secret), frozenset(scopes), now, expires_at)


def hashed(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def id_in(given: str) -> str | None:
    """The id of what has the form of a key."""
    match = _FORM.fullmatch(given)
    return match["id"] if match else None


def found(keys: Mapping[str, ApiKey], given: str, now: datetime) -> ApiKey | None:
    """The valid key that was given. One that is unknown takes as long to refuse as one that is wrong."""
    key = keys.get(id_in(given) or "")
    same = secrets.compare_digest(hashed(given), key.hash if key is not None else _NOBODY)
    return key if key is not None and same and key.valid(now) else None
