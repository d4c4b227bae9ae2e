"""`/api/v1/dead-letters`: what nobody could read, for operators. It may hold anything, so even looking needs a key."""

from collections.abc import Awaitable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query

from api.access.security import ADMIN
from api.dead_letters.views import BEGINNING, shown
from api.http.dependencies import Deps
from api.http.parameters import Whole, clamped
from api.http.problems import Refused, described
from broker.dead_letters.reading import DeadLetterAddress
from broker.dead_letters.store import BrokerDeadLetterStore, DeadLetterNotFound, DeadLetterRange
from schemas.http.dead_letters import (
    DeadLetterList,
    DeadLetterReplay,
    DeadLetterResponse,
    DeadLetterSpan,
    DeadLetterSpanList,
)

MOST_LETTERS = 500
_LETTERS = 50

T = TypeVar("T")

router = APIRouter(prefix="/api/v1/dead-letters", tags=["operations"], dependencies=[ADMIN])

Where = Annotated[str | None, Query(max_length=40, description="such as 3:42; all of them if left out")]


@router.get("", responses=described(401, 422, 503))
async def newest(deps: Deps, limit: Whole = None) -> DeadLetterList:
    """The newest, with the beginning of what they hold."""
    bound = clamped(limit, default=_LETTERS, most=MOST_LETTERS)
    found, total = await BrokerDeadLetterStore(deps.broker).list_newest(bound)
    return DeadLetterList(data=[shown(letter, BEGINNING) for letter in found], total=total)


@router.get("/spans", responses=described(401, 404, 422, 503))
async def spans(deps: Deps, up_to: Where = None) -> DeadLetterSpanList:
    """What would go with this one: itself and all older ones of its partition; or all of them."""
    found = await _if_there(BrokerDeadLetterStore(deps.broker).find_ranges(_address(up_to)))
    return DeadLetterSpanList(data=[DeadLetterSpan.model_validate(span) for span in found])


@router.get("/{address}", responses=described(401, 404, 422, 503))
async def one(deps: Deps, address: str) -> DeadLetterResponse:
    """One of them, whole."""
    return DeadLetterResponse(
        data=shown(await _if_there(BrokerDeadLetterStore(deps.broker).load(_read(address))))
    )


@router.post("/replay", responses=described(401, 404, 422, 503))
async def replay(deps: Deps, address: Where = None) -> DeadLetterReplay:
    """Publish one, or all, again where it came from. It stays here as well."""
    replayed = await _if_there(BrokerDeadLetterStore(deps.broker).replay(_address(address)))
    return DeadLetterReplay(published=replayed.published, failed=list(replayed.failed))


@router.delete("", status_code=204, responses=described(401, 404, 422, 503))
async def drop(
    deps: Deps,
    up_to: Annotated[list[str], Query(min_length=1, max_length=500, description="such as 3:42, repeatedly")],
) -> None:
    """Delete these and all older ones of their partitions, for good: Kafka deletes no single record."""
    box = BrokerDeadLetterStore(deps.broker)
    lying = {span.partition: span for span in await box.find_ranges(None)}
    await box.drop([_cut(lying.get(address.partition), address) for address in map(_read, up_to)])


def _cut(span: DeadLetterRange | None, up_to: DeadLetterAddress) -> DeadLetterRange:
    """As much of what lies there as goes with `up_to`. Raises Refused."""
    if span is None or not span.first <= up_to.offset <= span.last:
        raise Refused(404, f"no dead letter at {up_to}")
    return span._replace(last=up_to.offset)


async def _if_there(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except DeadLetterNotFound as error:
        raise Refused(404, str(error)) from None


def _address(written: str | None) -> DeadLetterAddress | None:
    return None if written is None else _read(written)


def _read(written: str) -> DeadLetterAddress:
    try:
        return DeadLetterAddress.parse(written)
    except ValueError as error:
        raise Refused(422, str(error)) from None
