"""`/health`: whether this process answers. It never needs a key."""

from fastapi import APIRouter

from api.http.dependencies import Deps
from schemas.http.health import HealthStatus

router = APIRouter(tags=["service"])


@router.get("/health", operation_id="getHealth", summary="Get the health of this process")
async def get_health(deps: Deps) -> HealthStatus:
    """Return whether this process answers, with the state of its database and its broker.

    The status is 200 also while they are away: the process keeps serving what it can.
    """
    return await deps.health_status.get()
