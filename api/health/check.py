"""Checks the services that the API needs."""

import asyncio
from importlib.metadata import version

from api.connections import Connections
from schemas.http.health import HealthStatus
from storage.database import is_reachable

HEALTH_SECONDS = 1.0
"""How long an answer is kept: the calls are not limited, and each check takes a connection to both services."""

_CHECK_TIMEOUT = 2.0


async def check_health(of: Connections) -> HealthStatus:
    """Return whether the database and the broker answer within 2 s."""
    database, broker = await asyncio.gather(
        is_reachable(of.engine, _CHECK_TIMEOUT), of.broker.is_reachable(_CHECK_TIMEOUT)
    )
    return HealthStatus(version=version("strandline"), database=database, broker=broker)
