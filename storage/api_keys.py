"""The `api_keys` table. Rows are never deleted: the existence of any key closes the writes."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.records import ApiKeyRecord, to_record
from schemas.tables import api_keys
from schemas.values import to_aware_utc, to_naive_utc
from storage.api_key_format import SCOPES, ApiKey


async def add(connection: AsyncConnection, key: ApiKey) -> None:
    """Insert `key`."""
    await connection.execute(insert(api_keys).values(**_to_row(key)))


async def revoke(connection: AsyncConnection, key_id: str, at: datetime) -> bool:
    """Revoke a key; one revoked before keeps its time. Returns whether there is such a key."""
    is_this = api_keys.c.id == key_id
    exists = (await connection.execute(select(api_keys.c.id).where(is_this))).first() is not None
    await connection.execute(
        update(api_keys).where(is_this, api_keys.c.revoked_at.is_(None)).values(revoked_at=to_naive_utc(at))
    )
    return exists


async def load_all(connection: AsyncConnection) -> dict[str, ApiKey]:
    """Load all keys by id, oldest first, including revoked and expired ones."""
    rows = await connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id))
    keys = (_from_row(to_record(row, ApiKeyRecord)) for row in rows)
    return {key.id: key for key in keys}


def _to_row(key: ApiKey) -> ApiKeyRecord:
    return {
        "id": key.id,
        "name": key.name,
        "hash": key.hash,
        "scopes": ",".join(scope for scope in SCOPES if scope in key.scopes),
        "created_at": to_naive_utc(key.created_at),
        "expires_at": to_naive_utc(key.expires_at) if key.expires_at else None,
        "revoked_at": to_naive_utc(key.revoked_at) if key.revoked_at else None,
    }


def _from_row(row: ApiKeyRecord) -> ApiKey:
    names = row["scopes"].split(",")
    return ApiKey(
        id=row["id"],
        name=row["name"],
        hash=row["hash"],
        scopes=frozenset(scope for scope in SCOPES if scope in names),  # an unknown scope permits nothing
        created_at=to_aware_utc(row["created_at"]),
        expires_at=to_aware_utc(row["expires_at"]) if row["expires_at"] else None,
        revoked_at=to_aware_utc(row["revoked_at"]) if row["revoked_at"] else None,
    )
