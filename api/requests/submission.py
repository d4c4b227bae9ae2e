"""A request that came over HTTP: read, checked at this edge, and put on its topic."""

import asyncio
import uuid

import structlog
from fastapi import Request
from structlog.contextvars import bound_contextvars

from api.http.dependencies import Dependencies
from api.http.exchange_allow_list import allowed
from api.http.problems import Refused
from api.results import queries
from broker.ports import MessageTooLarge
from levels import InvalidParams, Params
from runtime.errors import Transient
from schemas.requests import AnalysisRequested, InvalidRequest, RequestBody
from storage.database_errors import translate_errors

_log = structlog.get_logger(__name__)

_MARGIN = 3.0
"""Seconds beyond the broker's own bound, for the journal: a net that should never be needed."""


async def submit(body: RequestBody, deps: Dependencies, http: Request) -> AnalysisRequested:
    """Return the request once the broker has it.

    Raises InvalidRequest for what will never do; Refused 409 for an id that is another request's, and 503 (with the
    id) where nobody knows whether it was taken.
    """
    requested = accepted(body, deps)
    with bound_contextvars(market=requested.market.key, request_id=requested.request_id):
        if body.request_id is not None:
            await _is_not_anothers(requested, deps)
        await _publish(requested, deps, http)
    return requested


async def _publish(requested: AnalysisRequested, deps: Dependencies, http: Request) -> None:
    try:
        # The journal's database can be away as well as the broker.
        with translate_errors():
            longest = deps.settings.publish_timeout
            async with asyncio.timeout(longest + min(longest, _MARGIN)):
                await deps.publisher.publish(requested, traceparent=http.headers.get("traceparent"))
    except MessageTooLarge as error:
        raise Refused(413, str(error), request_id=requested.request_id) from error
    except Transient as error:
        _log.warning("request not acknowledged", error=str(error))
        raise Refused(
            503,
            "unknown whether the request was taken: send it again with the same request_id, which is safe",
            retry_after=error.retry_after,
            request_id=requested.request_id,
        ) from error


async def _is_not_anothers(requested: AnalysisRequested, deps: Dependencies) -> None:
    """Sending a request twice is safe; another request under its id would be answered with its answer."""
    try:
        with translate_errors():
            async with asyncio.timeout(_MARGIN):
                known = await queries.job(deps.engine, requested.request_id)
    except Transient as error:
        _log.warning("request id not looked up", error=str(error))
        return  # reading is no part of taking a request
    if known is not None and known["market"] not in {None, requested.market.key}:
        raise Refused(
            409,
            f"request_id {requested.request_id} belongs to a request for {known['market']}: choose another",
            request_id=requested.request_id,
        )


def accepted(body: RequestBody, deps: Dependencies) -> AnalysisRequested:
    """What `body` means here, with a UUID where it has no id. Raises InvalidRequest, Refused (422)."""
    requested = AnalysisRequested.of(
        body, exchange=deps.settings.exchange, request_id=str(uuid.uuid4()), at=deps.clock.now()
    )
    try:
        Params.from_dict(requested.params)
    except InvalidParams as error:
        raise InvalidRequest("invalid_request", f"params: {error}", request_id=requested.request_id) from None
    allowed(requested.exchange, deps.settings, request_id=requested.request_id)
    return requested
