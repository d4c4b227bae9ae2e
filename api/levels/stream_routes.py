"""`/api/v1/stream/near`: the answer to a question for levels near the price, as levels enter and leave it."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.http.dependencies import Deps
from api.http.problems import problem_responses
from api.levels.membership import Membership
from api.levels.routes import Question
from api.levels.views import to_near_change
from api.live.events import EventFilter
from api.live.listener import StreamListener
from api.live.routes import HEARTBEAT, check_capacity

INTERVAL = 0.25
"""Seconds between two looks: a level enters within a second of its price, and a look costs milliseconds."""
_IDLE_LOOKS = int(HEARTBEAT / INTERVAL)

router = APIRouter(prefix="/api/v1/stream", tags=["stream"])


async def _open_listener(deps: Deps, http: Request, question: Question) -> AsyncIterator[StreamListener]:
    """Open a listener that only ends with the server's stop: this stream looks by itself."""
    client = check_capacity(deps, http)
    await deps.near.ask_shared(question)  # fails before the response starts, if nothing can be read
    with deps.live.listen(EventFilter(None, frozenset()), client=client) as listener:
        yield listener


@router.get(
    "/near",
    operation_id="streamNearLevels",
    summary="Stream the levels near the price",
    response_class=EventSourceResponse,
    responses=problem_responses(422, 429, 503),
)
async def stream_near_levels(
    deps: Deps, question: Question, listener: Annotated[StreamListener, Depends(_open_listener)]
) -> AsyncIterator[ServerSentEvent]:
    """Stream what enters and leaves the answer of `GET /api/v1/levels/near` to the same question.

    Each event is named `near`. The first, also after reconnecting, has all levels as `entered`. The payload has
    `entered`, `left` and `total`.
    """
    membership, idle = Membership(), 0
    while not listener.is_done:
        change = membership.update(await deps.near.ask_shared(question))
        if change is not None:
            idle = 0
            yield ServerSentEvent(event="near", raw_data=to_near_change(change).model_dump_json())
        elif (idle := idle + 1) >= _IDLE_LOOKS:
            idle = 0
            yield ServerSentEvent(comment="nothing new")
        await listener.next(INTERVAL)
