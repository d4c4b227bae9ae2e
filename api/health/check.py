"""Checks the services that the API needs."""

import asyncio
from importlib.metadata import version

from sqlalchemy.exc import SQLAlchemyError

from api.connections import Connections
from api.reading import open_read
from runtime.errors import Transient
from schemas.http.health import HealthStatus
from storage.database import is_reachable
from storage.watched_prices import count_blind

HEALTH_SECONDS = 1.0
"""How long an answer is kept: the calls are not limited, and each check takes a connection to both services."""

_CHECK_TIMEOUT = 2.0


async def check_health(of: Connections) -> HealthStatus:
    """Return whether the database and the broker answer within 2 s."""
    database, broker, blind = await asyncio.gather(
        is_reachable(of.engine, _CHECK_TIMEOUT), of.broker.is_reachable(_CHECK_TIMEOUT), _count_blind(of)
    )
    return HealthStatus(version=version("strandline"), database=database, broker=broker, watches_blind=blind)


async def _count_blind(of: Connections) -> int | None:
    """Return None where the database does not answer within 2 s, or has no such table yet."""
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT), open_read(of.engine) as connection:
            return (await count_blind(connection, of.clock.now(), of.settings.blind_after)).blind
    except (Transient, TimeoutError, SQLAlchemyError):
        return None
