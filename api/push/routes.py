"""`/api/v1/push`: browsers subscribe to notifications; the notifier sends them."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.access.scopes import REQUIRE_WATCH
from api.http.dependencies import Deps
from api.http.problems import ProblemError, problem_responses
from schemas.http.push import PushSettings, PushSubscribed, PushSubscriptionBody
from schemas.records import PushSubscriptionRecord
from schemas.values import to_naive_utc
from storage import push_subscriptions as table

router = APIRouter(prefix="/api/v1/push", tags=["watches"])

SubscriptionId = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="Id of a subscription.")]


@router.get("", operation_id="getPushSettings", summary="Get the key for Web Push")
async def get_push_settings(deps: Deps) -> PushSettings:
    """Return the key that a browser subscribes with; null where the server has none."""
    return PushSettings(public_key=deps.settings.vapid_public_key)


@router.post(
    "/subscriptions",
    operation_id="createPushSubscription",
    summary="Subscribe a browser",
    status_code=201,
    dependencies=[REQUIRE_WATCH],
    responses=problem_responses(401, 404, 409, 422, 503),
)
async def create_subscription(deps: Deps, body: PushSubscriptionBody) -> PushSubscribed:
    """Send fires to this browser from now on. Repeating it is safe; one that the push service ended is deleted."""
    if deps.settings.vapid_public_key is None:
        raise ProblemError(
            404, "this server has no keys for Web Push: its operator makes them with `strandline keys vapid`"
        )
    subscription = PushSubscriptionRecord(
        id=table.build_id(body.endpoint),
        endpoint=body.endpoint,
        p256dh=body.keys.p256dh,
        auth=body.keys.auth,
        created_at=to_naive_utc(deps.clock.now()),
    )
    if not await table.store(deps.engine, subscription):
        raise ProblemError(
            409, f"{table.MAX_SUBSCRIPTIONS} browsers have subscribed: unsubscribe one of them first"
        )
    return PushSubscribed(id=subscription["id"])


@router.delete(
    "/subscriptions/{subscription_id}",
    operation_id="deletePushSubscription",
    summary="Unsubscribe a browser",
    status_code=204,
    dependencies=[REQUIRE_WATCH],
    responses=problem_responses(401, 422, 503),
)
async def delete_subscription(deps: Deps, subscription_id: SubscriptionId) -> None:
    """Send nothing more to this browser. One that is not known is no error."""
    await table.delete_all(deps.engine, [subscription_id])
