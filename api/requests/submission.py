"""Validates requests that arrive over HTTP and publishes them."""

import asyncio
import uuid

import structlog
from fastapi import Request
from structlog.contextvars import bound_contextvars

from api.http.dependencies import Dependencies
from api.http.exchange_allow_list import resolve_exchange
from api.http.problems import ProblemError
from api.jobs import queries
from broker.ports import MessageTooLarge
from levels import InvalidParams, Params
from runtime.errors import Transient
from schemas.requests import AnalysisRequested, InvalidRequest, RequestBody
from storage.database_errors import translate_errors

_log = structlog.get_logger(__name__)

_MARGIN = 3.0
"""Seconds beyond the broker's own timeout, for the journal: a safety net that should never be needed."""


async def submit_request(body: RequestBody, deps: Dependencies, http: Request) -> AnalysisRequested:
    """Return the request once the broker has acknowledged it.

    Raises InvalidRequest; ProblemError 409 if the id belongs to another request, and 503 (with the id) where the
    broker did not acknowledge, so that the request may or may not have been taken.
    """
    request = resolve_request(body, deps)
    with bound_contextvars(market=request.market.key, request_id=request.request_id):
        if body.request_id is not None:
            await _check_id_owner(request, deps)
            # Its job is stored a moment later, and the next request may come before that.
            deps.accepted_ids.put(request.request_id, request.market.key)
        await _publish(request, deps, http)
    return request


def resolve_request(body: RequestBody, deps: Dependencies) -> AnalysisRequested:
    """Fill in the defaults of `body`, a UUID as its id among them. Raises InvalidRequest, ProblemError (422)."""
    request = AnalysisRequested.of(
        body, exchange=deps.settings.exchange, request_id=str(uuid.uuid4()), at=deps.clock.now()
    )
    try:
        Params.from_dict(request.params)
    except InvalidParams as error:
        raise InvalidRequest("invalid_request", f"params: {error}", request_id=request.request_id) from None
    resolve_exchange(request.exchange, deps.settings, request_id=request.request_id)
    return request


async def _publish(request: AnalysisRequested, deps: Dependencies, http: Request) -> None:
    try:
        # The database of the journal can be away as well as the broker.
        with translate_errors():
            timeout = deps.settings.publish_timeout
            async with asyncio.timeout(timeout + min(timeout, _MARGIN)):
                await deps.publisher.publish(request, traceparent=http.headers.get("traceparent"))
    except MessageTooLarge as error:
        raise ProblemError(413, str(error), request_id=request.request_id) from error
    except Transient as error:
        _log.warning("request.not_acknowledged", error=str(error))
        raise ProblemError(
            503,
            "unknown whether the request was taken: send it again with the same request_id, which is safe",
            retry_after=error.retry_after,
            request_id=request.request_id,
        ) from error


async def _check_id_owner(request: AnalysisRequested, deps: Dependencies) -> None:
    """Raises ProblemError (409) where the id is that of a request for another market, whose outcome it would get."""
    owner = deps.accepted_ids.get(request.request_id) or await _read_owner(request, deps)
    if owner not in {None, request.market.key}:
        raise ProblemError(
            409,
            f"request_id {request.request_id} belongs to a request for {owner}: choose another",
            request_id=request.request_id,
        )


async def _read_owner(request: AnalysisRequested, deps: Dependencies) -> str | None:
    """Return the market of the job with this id; None without a job, or while the database is away."""
    try:
        with translate_errors():
            async with asyncio.timeout(_MARGIN):
                job = await queries.get_job(deps.engine, request.request_id)
    except Transient as error:
        _log.warning("request_id.read_failed", error=str(error))
        return None  # accepting a request does not depend on reads
    return job["market"] if job is not None else None
