"""The format of API keys, what is stored of them, and their scopes. Pure, except for the random new key.

A key is `sl_<id>_<secret>`. The secret has 256 random bits, so a plain SHA-256 of the whole key is enough to store
(slow hashes are for guessable passwords). The id is not secret and selects the row to compare with.
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
"""read: all GETs, where reads need a key; enqueue: request analyses; watch: create and change watches; admin: the
dead letters, and everything else."""

_KEY = re.compile(r"sl_(?P<id>[0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_ID = re.compile(r"[0-9a-f]{12}")
_NO_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is stored. Times are aware, UTC."""

    id: str
    name: str
    hash: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Return whether the key is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def generate_key(
    name: str, scopes: Collection[Scope], now: datetime, expires_at: datetime | None = None
) -> tuple[str, ApiKey]:
    """Generate a key; returns the secret for its owner, which is not stored, and the record to store."""
    key_id = secrets.token_hex(6)
    secret = f"sl_{key_id}_{secrets.token_urlsafe(32)}"
    return secret, ApiKey(key_id, name, hash_key(secret), frozenset(scopes), now, expires_at)


def hash_key(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def parse_key_id(secret: str) -> str | None:
    """Return the id inside a key; None when `secret` does not have the format of a key."""
    match = _KEY.fullmatch(secret)
    return match["id"] if match else None


def is_key_id(text: str) -> bool:
    """Return whether `text` has the format of a key's id."""
    return _ID.fullmatch(text) is not None


def find_valid_key(keys: Mapping[str, ApiKey], secret: str, now: datetime) -> ApiKey | None:
    """Return the valid key that `secret` is. An unknown key takes as long to refuse as a wrong secret."""
    key = keys.get(parse_key_id(secret) or "")
    is_same = secrets.compare_digest(hash_key(secret), key.hash if key is not None else _NO_HASH)
    return key if key is not None and is_same and key.is_valid(now) else None
