"""The browsers that subscribed to notifications by Web Push."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.records import PushSubscriptionRecord, to_record
from schemas.tables import push_subscriptions
from storage.database_errors import translate_errors

_TIMEOUT = 10.0
MAX_SUBSCRIPTIONS = 1_000
"""Each fire is sent to all of them."""


def build_id(endpoint: str) -> str:
    """Return the id of a subscription: the SHA-256 of its endpoint, which is a secret of its browser. Pure."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


async def store(engine: AsyncEngine, subscription: PushSubscriptionRecord) -> bool:
    """Insert or replace; return False where there are MAX_SUBSCRIPTIONS others. Raises Transient."""
    async with _open_write(engine) as connection:
        await connection.execute(
            delete(push_subscriptions).where(push_subscriptions.c.id == subscription["id"])
        )
        count = await connection.scalar(select(func.count()).select_from(push_subscriptions))
        if (count or 0) >= MAX_SUBSCRIPTIONS:
            return False
        await connection.execute(insert(push_subscriptions).values(**subscription))
        return True


async def load_all(engine: AsyncEngine) -> list[PushSubscriptionRecord]:
    """Return all subscriptions, the oldest first. Raises Transient."""
    query = select(push_subscriptions).order_by(push_subscriptions.c.created_at, push_subscriptions.c.id)
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.connect() as connection:
            return [to_record(row, PushSubscriptionRecord) for row in await connection.execute(query)]


async def delete_all(engine: AsyncEngine, ids: Sequence[str]) -> None:
    """Delete those of the subscriptions that exist. Raises Transient."""
    async with _open_write(engine) as connection:
        await connection.execute(delete(push_subscriptions).where(push_subscriptions.c.id.in_(ids)))


@asynccontextmanager
async def _open_write(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.begin() as connection:
            yield connection
