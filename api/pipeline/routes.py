"""`/api/v1/pipeline`: what an operator wants to know at a glance."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request

from api.http.single_flight import Lately
from schemas.http.pipeline import PipelineStatus

router = APIRouter(prefix="/api/v1/pipeline", tags=["operations"])


def _glance(request: Request) -> Lately[PipelineStatus]:
    return cast(Lately[PipelineStatus], request.app.state.pipeline)


@router.get("")
async def how_it_does(glance: Annotated[Lately[PipelineStatus], Depends(_glance)]) -> PipelineStatus:
    """Jobs of the last hour and why they failed, how far consumers are behind, how fresh each market is.

    At most 2 s old.
    """
    return await glance.get()
