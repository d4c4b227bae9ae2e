"""`/health`: that this process answers. It never asks for a key."""

import asyncio
from importlib.metadata import version

from fastapi import APIRouter

from api.dependencies import Deps
from runtime.database import reachable
from schemas.views import Health

_HEALTH_TIMEOUT = 2.0

router = APIRouter(tags=["service"])


@router.get("/health")
async def health(deps: Deps) -> Health:
    """That this process answers; and whether the database and the broker do, which it survives either way."""
    database, broker = await asyncio.gather(
        reachable(deps.engine, _HEALTH_TIMEOUT), deps.broker.reachable(_HEALTH_TIMEOUT)
    )
    return Health(version=version("strandline"), database=database, broker=broker)
