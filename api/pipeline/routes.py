"""`/api/v1/pipeline`: the status of the pipeline, for operators."""

from fastapi import APIRouter

from api.http.dependencies import Deps
from schemas.http.pipeline import PipelineStatus

router = APIRouter(prefix="/api/v1/pipeline", tags=["operations"])


@router.get("", operation_id="getPipelineStatus", summary="Get the status of the pipeline")
async def get_pipeline_status(deps: Deps) -> PipelineStatus:
    """Return the jobs of the last hour, why they failed, the lag of consumers and the freshness of markets.

    The answer is at most 2 s old.
    """
    return await deps.pipeline_status.get()
