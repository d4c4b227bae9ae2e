"""`/api/v1/standing-watches`: questions for levels near the price, which fire for each level that enters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Path, Response

from api.access.scopes import REQUIRE_WATCH
from api.http.dependencies import Dependencies, Deps
from api.http.problems import ProblemError, problem_responses
from api.results.views import to_utc
from api.standing import store
from api.standing.rules import build_standing_watch, find_standing_changes, to_members, to_near_question
from schemas.http.standing import (
    StandingWatch,
    StandingWatchBody,
    StandingWatchList,
    StandingWatchPatch,
    StandingWatchResponse,
)
from schemas.records import StandingMemberRecord, StandingWatchRecord
from schemas.values import to_naive_utc
from schemas.watches import StandingQuestion

MAX_STANDING_WATCHES = 200
_MAX_MEMBERS = 5_000
"""Levels that may be near at once: more than that is no question of nearness."""

router = APIRouter(prefix="/api/v1/standing-watches", tags=["watches"])

StandingWatchId = Annotated[str, Path(max_length=36, description="Id of a standing watch.")]


@router.post(
    "",
    operation_id="createStandingWatch",
    summary="Create a standing watch",
    status_code=201,
    dependencies=[REQUIRE_WATCH],
    responses=problem_responses(401, 409, 413, 422, 503),
)
async def create_standing_watch(
    deps: Deps, response: Response, body: StandingWatchBody
) -> StandingWatchResponse:
    """Save a question. It fires for each level that comes near enough, and again once that has been away.

    Levels that come within 30 seconds after a fire are one further fire. There can be 200 standing watches.
    """
    if len(await store.list_standing_watches(deps.engine)) >= MAX_STANDING_WATCHES:
        raise ProblemError(409, f"there are {MAX_STANDING_WATCHES} standing watches: delete one first")
    row = build_standing_watch(body, str(uuid4()), deps.clock.now())
    members = await _find_members(deps, row["id"], body.question)
    await store.insert_standing_watch(deps.engine, row, members)
    response.headers["Location"] = f"standing-watches/{row['id']}"
    return await _respond(deps, row["id"])


@router.get(
    "",
    operation_id="listStandingWatches",
    summary="List standing watches",
    responses=problem_responses(422, 503),
)
async def list_standing_watches(deps: Deps) -> StandingWatchList:
    """List all standing watches, the newest first."""
    return StandingWatchList(data=await _to_views(deps, await store.list_standing_watches(deps.engine)))


@router.patch(
    "/{watch_id}",
    operation_id="updateStandingWatch",
    summary="Change a standing watch",
    dependencies=[REQUIRE_WATCH],
    responses=problem_responses(401, 404, 413, 422, 503),
)
async def update_standing_watch(
    deps: Deps, watch_id: StandingWatchId, body: StandingWatchPatch
) -> StandingWatchResponse:
    """Change the given fields. With `state: active` a paused one begins again: levels near now fire once away."""
    row = await _require(deps, watch_id)
    begins = body.state == "active" and row["state"] != "active"
    question = StandingQuestion.model_validate(row["question"])
    members = await _find_members(deps, watch_id, question) if begins else None
    if changes := find_standing_changes(body):
        now = to_naive_utc(deps.clock.now())
        await store.update_standing_watch(deps.engine, watch_id, changes, members, now)
    return await _respond(deps, watch_id)


@router.delete(
    "/{watch_id}",
    operation_id="deleteStandingWatch",
    summary="Delete a standing watch",
    status_code=204,
    dependencies=[REQUIRE_WATCH],
    responses=problem_responses(401, 404, 422, 503),
)
async def delete_standing_watch(deps: Deps, watch_id: StandingWatchId) -> None:
    """Delete a standing watch."""
    if not await store.delete_standing_watch(deps.engine, watch_id):
        raise _no_watch_error()


async def _find_members(
    deps: Dependencies, watch_id: str, question: StandingQuestion
) -> list[StandingMemberRecord]:
    answer = await deps.near.ask(to_near_question(question, _MAX_MEMBERS))
    if answer.total > _MAX_MEMBERS:
        raise ProblemError(
            422, f"{answer.total} levels are near now, and {_MAX_MEMBERS} may be: choose a smaller distance"
        )
    return to_members(watch_id, answer.hits, deps.clock.now())


async def _require(deps: Dependencies, watch_id: str) -> StandingWatchRecord:
    record = await store.get_standing_watch(deps.engine, watch_id) if watch_id.isascii() else None
    if record is None:
        raise _no_watch_error()
    return record


async def _respond(deps: Dependencies, watch_id: str) -> StandingWatchResponse:
    (watch,) = await _to_views(deps, [await _require(deps, watch_id)])
    return StandingWatchResponse(data=watch)


async def _to_views(deps: Dependencies, records: Sequence[StandingWatchRecord]) -> list[StandingWatch]:
    inside = await store.count_members(deps.engine)
    fired = await store.find_last_fires(deps.engine, [record["id"] for record in records])
    return [_to_view(record, inside, fired) for record in records]


def _to_view(
    record: StandingWatchRecord, inside: dict[str, int], fired: dict[str, datetime]
) -> StandingWatch:
    last = fired.get(record["id"])
    times = {name: to_utc(record[name]) for name in ("created_at", "updated_at")}
    more = {"inside": inside.get(record["id"], 0), "last_fired_at": to_utc(last) if last else None}
    return StandingWatch.model_validate({**record, **times, **more})


def _no_watch_error() -> ProblemError:
    return ProblemError(404, "no standing watch has this id")
