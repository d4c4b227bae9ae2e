"""The `api_keys` table. Rows are never deleted: that there was a key is what closes the writes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.tables import api_keys
from schemas.values import to_aware_utc, to_naive_utc
from storage.api_key_format import SCOPES, ApiKey


async def add(connection: AsyncConnection, key: ApiKey) -> None:
    await connection.execute(
        insert(api_keys).values(
            id=key.id,
            name=key.name,
            hash=key.hash,
            scopes=",".join(scope for scope in SCOPES if scope in key.scopes),
            created_at=to_naive_utc(key.created_at),
            expires_at=to_naive_utc(key.expires_at) if key.expires_at else None,
        )
    )


async def revoke(connection: AsyncConnection, key_id: str, at: datetime) -> bool:
    """Whether there is such a key; one that was revoked before stays as it is."""
    of_it = api_keys.c.id == key_id
    there = (await connection.execute(select(api_keys.c.id).where(of_it))).first() is not None
    await connection.execute(
        update(api_keys).where(of_it, api_keys.c.revoked_at.is_(None)).values(revoked_at=to_naive_utc(at))
    )
    return there


async def every(connection: AsyncConnection) -> dict[str, ApiKey]:
    """All keys by id, the oldest first; the revoked and the expired among them."""
    rows = await connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id))
    return {row.id: _key(row._mapping) for row in rows}


def _key(row: Mapping[Any, Any]) -> ApiKey:
    written = str(row["scopes"]).split(",")
    return ApiKey(
        id=row["id"],
        name=row["name"],
        hash=row["hash"],
        scopes=frozenset(
            scope for scope in SCOPES if scope in written
        ),  # one that we don't know allows nothing
        created_at=to_aware_utc(row["created_at"]),
        expires_at=row["expires_at"] and to_aware_utc(row["expires_at"]),
        revoked_at=row["revoked_at"] and to_aware_utc(row["revoked_at"]),
    )
