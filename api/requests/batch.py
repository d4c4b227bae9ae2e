"""Submits several requests in one call; one that is refused does not affect the others."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from pydantic import ValidationError

from api.http.dependencies import Dependencies
from api.http.problems import ProblemError
from api.requests.submission import submit_request
from schemas.requests import InvalidRequest, RequestBody, format_validation_error

_MAX_CONCURRENT = 50
"""Each request with an id of the caller reads the table of jobs, on a connection of the pool."""


@dataclass(frozen=True, slots=True)
class Submission:
    """The outcome of one request of a batch: `error` is None if the broker has it.

    `is_retryable`: unknown whether it was taken; sending it again under its id is safe.
    """

    index: int
    request_id: str | None
    error: str | None = None
    is_retryable: bool = False
    retry_after: float | None = None


async def submit_batch(
    bodies: Sequence[Mapping[str, Any]], deps: Dependencies, http: Request
) -> list[Submission]:
    """Submit the requests, and return the outcome of each, in order.

    Raises ProblemError (503) where some are valid and the broker acknowledged none of them.
    """
    repeated = find_repeated_ids(bodies)
    slots = asyncio.Semaphore(_MAX_CONCURRENT)

    async def submit(index: int, body: Mapping[str, Any]) -> Submission:
        if index in repeated:
            return Submission(
                index, str(body["request_id"]), "request_id: is that of an earlier request here"
            )
        async with slots:
            return await _submit(index, body, deps, http)

    outcomes = await asyncio.gather(*(submit(index, body) for index, body in enumerate(bodies)))
    _refuse_if_broker_is_away(outcomes)
    return outcomes


def find_repeated_ids(bodies: Sequence[Mapping[str, Any]]) -> set[int]:
    """Return the positions of requests whose id an earlier one has: one id identifies one request."""
    seen: set[str] = set()
    repeated: set[int] = set()
    for index, body in enumerate(bodies):
        request_id = body.get("request_id")
        if isinstance(request_id, str):
            if request_id in seen:
                repeated.add(index)
            seen.add(request_id)
    return repeated


async def _submit(index: int, body: Mapping[str, Any], deps: Dependencies, http: Request) -> Submission:
    try:
        request = await submit_request(RequestBody.model_validate(body), deps, http)
    except ValidationError as error:
        return Submission(index, None, format_validation_error(error))
    except InvalidRequest as error:
        return Submission(index, error.request_id, str(error))
    except ProblemError as problem:
        return Submission(
            index, problem.more.get("request_id"), problem.detail, problem.status == 503, problem.retry_after
        )
    return Submission(index, request.request_id)


def _refuse_if_broker_is_away(outcomes: Sequence[Submission]) -> None:
    retryable = [one for one in outcomes if one.is_retryable]
    if retryable and not any(one.error is None for one in outcomes):
        raise ProblemError(
            503,
            "unknown whether any request was taken: send them again with the same request_ids, which is safe",
            retry_after=max((one.retry_after for one in retryable if one.retry_after), default=None),
        )
