"""`/health`: that this process answers. It never asks for a key."""

import asyncio
from importlib.metadata import version
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request

from api.http.dependencies import Dependencies
from api.http.single_flight import Lately
from schemas.http.health import HealthStatus
from storage.database import is_reachable

HEALTH_SECONDS = 1.0
"""So old an answer may be: anybody may ask, without limit, and each look takes a connection to both."""

_HEALTH_TIMEOUT = 2.0

router = APIRouter(tags=["service"])


async def health_of(deps: Dependencies) -> HealthStatus:
    """Whether the database and the broker answer within 2 s."""
    database, broker = await asyncio.gather(
        is_reachable(deps.engine, _HEALTH_TIMEOUT), deps.broker.is_reachable(_HEALTH_TIMEOUT)
    )
    return HealthStatus(version=version("strandline"), database=database, broker=broker)


def _looked_at(request: Request) -> Lately[HealthStatus]:
    return cast(Lately[HealthStatus], request.app.state.health)


@router.get("/health")
async def health(lately: Annotated[Lately[HealthStatus], Depends(_looked_at)]) -> HealthStatus:
    """That this process answers; and whether the database and the broker do, which it survives either way."""
    return await lately.get()
