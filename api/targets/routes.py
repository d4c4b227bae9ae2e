"""`/api/v1/targets`: where the notifier delivers, and tests of it."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Path

from api.access.scopes import REQUIRE_WATCH
from api.http.dependencies import Dependencies, Deps
from api.http.problems import ProblemError, problem_responses
from api.targets.views import to_target
from schemas.http.targets import TargetList, TargetTestOutcome
from schemas.records import TargetRecord
from schemas.watches import MAX_TARGET_NAME
from storage import notification_targets as table

TEST_TIMEOUT = 20.0
_PAUSE = 0.25

router = APIRouter(prefix="/api/v1/targets", tags=["watches"])

TargetNameParam = Annotated[str, Path(max_length=MAX_TARGET_NAME, description="Name of a target.")]


@router.get(
    "", operation_id="listTargets", summary="List notification targets", responses=problem_responses(503)
)
async def list_targets(deps: Deps) -> TargetList:
    """List the targets that the notifier has, without addresses or secrets."""
    return TargetList(data=[to_target(record) for record in await table.list_targets(deps.engine)])


@router.post(
    "/{name}/test",
    operation_id="testTarget",
    summary="Send a test to a target",
    dependencies=[REQUIRE_WATCH],
    responses=problem_responses(401, 404, 422, 503),
)
async def send_test(deps: Deps, name: TargetNameParam) -> TargetTestOutcome:
    """Have the notifier send a test message, of `type` `test`, and wait until it is accepted or refused."""
    test = table.TargetTest(name, str(uuid.uuid4()))
    if not await table.request_test(deps.engine, test):
        raise ProblemError(404, f"the notifier has no target {name!r}: list them at /api/v1/targets")
    outcome = await _wait_for_test(deps, test)
    if outcome is None:
        raise ProblemError(
            503,
            f"the notifier has not sent the test within {TEST_TIMEOUT:g} s: does it run, with a database?",
        )
    return TargetTestOutcome(
        name=name, delivered=outcome["test_state"] == "delivered", error=outcome["test_error"]
    )


async def _wait_for_test(deps: Dependencies, test: table.TargetTest) -> TargetRecord | None:
    deadline = deps.clock.monotonic() + TEST_TIMEOUT
    while deps.clock.monotonic() < deadline:
        for record in await table.list_targets(deps.engine):
            if record["test_id"] == test.test_id and record["test_state"] in {"delivered", "failed"}:
                return record
        await deps.clock.sleep(_PAUSE)
    return None
