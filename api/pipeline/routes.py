"""`/api/v1/pipeline`: what an operator wants to know at a glance."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request

from api.http.single_flight import Lately
from schemas.pipeline import Pipeline

router = APIRouter(prefix="/api/v1/pipeline", tags=["operations"])


def _glance(request: Request) -> Lately[Pipeline]:
    return cast(Lately[Pipeline], request.app.state.pipeline)


@router.get("")
async def how_it_does(glance: Annotated[Lately[Pipeline], Depends(_glance)]) -> Pipeline:
    """Jobs of the last hour and why they failed, how far consumers are behind, how fresh each market is.

    At most 2 s old.
    """
    return await glance.get()
