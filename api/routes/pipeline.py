"""`/api/v1/pipeline`: what an operator wants to know at a glance."""

from fastapi import APIRouter

from api.dependencies import Deps
from api.pipeline import pipeline
from schemas.pipeline import Pipeline

router = APIRouter(prefix="/api/v1/pipeline", tags=["operations"])


@router.get("")
async def how_it_does(deps: Deps) -> Pipeline:
    """Jobs of the last hour and why they failed, how far consumers are behind, how fresh each market is."""
    return await pipeline(deps)
