"""`/api/v1/dead-letters`: invalid records, for operators. They may hold any data, so reading needs a key too."""

from collections.abc import Awaitable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Query

from api.access.scopes import REQUIRE_ADMIN
from api.dead_letters.views import PREVIEW_BYTES, to_dead_letter
from api.http.dependencies import Deps
from api.http.parameters import IntParam, clamp, limit_param
from api.http.problems import ProblemError, problem_responses
from broker.dead_letters.reading import DeadLetterAddress
from broker.dead_letters.store import BrokerDeadLetterStore, DeadLetterNotFound, DeadLetterRange
from schemas.http.dead_letters import (
    DeadLetterList,
    DeadLetterReplay,
    DeadLetterResponse,
    DeadLetterSpan,
    DeadLetterSpanList,
)

MAX_DEAD_LETTERS = 500
_DEFAULT_DEAD_LETTERS = 50

T = TypeVar("T")

router = APIRouter(prefix="/api/v1/dead-letters", tags=["operations"], dependencies=[REQUIRE_ADMIN])

LimitParam = Annotated[IntParam, limit_param(_DEFAULT_DEAD_LETTERS, MAX_DEAD_LETTERS)]
Address = Annotated[str, Path(description="`partition:offset`, such as 3:42.")]
OptionalAddress = Annotated[
    str | None,
    Query(max_length=40, description="`partition:offset`, such as 3:42; all dead letters if absent."),
]
Addresses = Annotated[
    list[str],
    Query(min_length=1, max_length=500, description="`partition:offset`, such as 3:42; may be repeated."),
]


@router.get(
    "",
    operation_id="listDeadLetters",
    summary="List dead letters",
    responses=problem_responses(401, 422, 503),
)
async def list_dead_letters(deps: Deps, limit: LimitParam = None) -> DeadLetterList:
    """List the newest dead letters with the beginning of their values; `limit` is at most 500."""
    maximum = clamp(limit, default=_DEFAULT_DEAD_LETTERS, maximum=MAX_DEAD_LETTERS)
    letters, total = await BrokerDeadLetterStore(deps.broker).list_newest(maximum)
    return DeadLetterList(data=[to_dead_letter(letter, PREVIEW_BYTES) for letter in letters], total=total)


@router.get(
    "/spans",
    operation_id="listDeadLetterSpans",
    summary="List what a deletion would delete",
    responses=problem_responses(401, 404, 422, 503),
)
async def list_spans(deps: Deps, up_to: OptionalAddress = None) -> DeadLetterSpanList:
    """List the ranges of a dead letter and all older ones of its partition, or of all dead letters."""
    spans = await _not_found_as_404(
        BrokerDeadLetterStore(deps.broker).find_ranges(_parse_optional_address(up_to))
    )
    return DeadLetterSpanList(data=[DeadLetterSpan.model_validate(span) for span in spans])


@router.get(
    "/{address}",
    operation_id="getDeadLetter",
    summary="Get a dead letter",
    responses=problem_responses(401, 404, 422, 503),
)
async def get_dead_letter(deps: Deps, address: Address) -> DeadLetterResponse:
    """Return one dead letter with its whole value."""
    letter = await _not_found_as_404(BrokerDeadLetterStore(deps.broker).load(_parse_address(address)))
    return DeadLetterResponse(data=to_dead_letter(letter))


@router.post(
    "/replay",
    operation_id="replayDeadLetters",
    summary="Publish dead letters again",
    responses=problem_responses(401, 404, 422, 503),
)
async def replay_dead_letters(deps: Deps, address: OptionalAddress = None) -> DeadLetterReplay:
    """Publish one dead letter, or all, again on the topic that it comes from. It also stays a dead letter."""
    store = BrokerDeadLetterStore(deps.broker)
    result = await _not_found_as_404(store.replay(_parse_optional_address(address)))
    return DeadLetterReplay(published=result.published, failed=list(result.failed))


@router.delete(
    "",
    operation_id="deleteDeadLetters",
    summary="Delete dead letters",
    status_code=204,
    responses=problem_responses(401, 404, 422, 503),
)
async def delete_dead_letters(deps: Deps, up_to: Addresses) -> None:
    """Delete these dead letters and all older ones of their partitions: Kafka cannot delete a single record."""
    store = BrokerDeadLetterStore(deps.broker)
    spans = {span.partition: span for span in await store.find_ranges(None)}
    await store.drop(
        [_cut_span(spans.get(address.partition), address) for address in map(_parse_address, up_to)]
    )


def _cut_span(span: DeadLetterRange | None, up_to: DeadLetterAddress) -> DeadLetterRange:
    """Return the part of a span that ends at `up_to`. Raises ProblemError (404)."""
    if span is None or not span.first <= up_to.offset <= span.last:
        raise ProblemError(404, f"no dead letter at {up_to}")
    return span._replace(last=up_to.offset)


async def _not_found_as_404(call: Awaitable[T]) -> T:
    try:
        return await call
    except DeadLetterNotFound as error:
        raise ProblemError(404, str(error)) from None


def _parse_optional_address(text: str | None) -> DeadLetterAddress | None:
    return None if text is None else _parse_address(text)


def _parse_address(text: str) -> DeadLetterAddress:
    try:
        return DeadLetterAddress.parse(text)
    except ValueError as error:
        raise ProblemError(422, str(error)) from None
