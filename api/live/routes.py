"""`/api/v1/stream`: server-sent events of results, closes without change, failures, prices, watches and levels."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.access.scopes import Key
from api.http.dependencies import Dependencies, Deps
from api.http.parameters import TextParam
from api.http.problems import ProblemError, problem_responses
from api.live.events import EVENT_KINDS, EventFilter, EventKind
from api.live.listener import StreamListener
from schemas.http.stream import StreamTicket

HEARTBEAT = 12.0
"""Seconds without an event after which a comment keeps the connection open: below the 15 s of FastAPI's own."""

_RETRY_MS = 3_000

router = APIRouter(prefix="/api/v1/stream", tags=["stream"])
ticket_router = APIRouter(prefix="/api/v1/stream", tags=["stream"])
"""A router of its own: it checks the key itself."""


def check_capacity(deps: Dependencies, http: Request) -> str:
    """Return the client of a call that opens a stream. Raises ProblemError where too many are open."""
    if deps.live.listener_count >= deps.settings.streams:
        raise ProblemError(503, "too many streams are open in this process: try again later")
    client: str = getattr(http.state, "client", "")
    if deps.live.count_listeners_of(client) >= deps.settings.streams_per_client:
        raise ProblemError(
            429, "too many streams of one client: close some, or follow several markets in one stream"
        )
    return client


async def _open_listener(
    deps: Deps,
    http: Request,
    market: Annotated[
        TextParam,
        Query(description="Market key, `exchange:market_type:symbol`, or symbol; all markets if absent."),
    ] = None,
    types: Annotated[
        TextParam,
        Query(
            description="Types of events, separated by commas: `result,unchanged,failure,price,watch,level,reset`; "
            "all if absent. The set may grow."
        ),
    ] = None,
    # Browsers send it by themselves. In the document it would have the name of the parameter below in generated code.
    last_event_id: Annotated[str | None, Header(include_in_schema=False)] = None,
    resume_after: Annotated[
        TextParam,
        Query(
            alias="last_event_id",
            description="Id of the last event, to resume after it; the header `Last-Event-ID` does the same.",
        ),
    ] = None,
) -> AsyncIterator[StreamListener]:
    # Opened before the response starts, so that a client misses nothing from then on.
    client = check_capacity(deps, http)
    wanted = EventFilter.parse(market, _parse_kinds(types))
    with deps.live.listen(wanted, last_event_id or resume_after, client=client) as listener:
        yield listener


@router.get(
    "",
    operation_id="streamEvents",
    summary="Stream events",
    response_class=EventSourceResponse,
    responses=problem_responses(422, 429, 503),
)
async def stream_events(
    deps: Deps, listener: Annotated[StreamListener, Depends(_open_listener)]
) -> AsyncIterator[ServerSentEvent]:
    """Stream events with their payloads, of one `market` and of some `types` if given.

    The payload of a `watch` has the `type` `fired`, `expired`, `blinded` or `sighted`, that of a `level` `appeared`,
    `approached`, `touched`, `bounced`, `broke`, `flipped` or `retired`. An `unchanged` is a candle that closed
    without a change of the market's levels: its `candle_at` is the new one. A slow client gets only the latest `price`
    and `unchanged` of each market, and one that resumes gets neither of the time before.

    A `reset` means that events were missed: read again what you show. Send `Last-Event-ID` to resume a stream.
    """
    yield ServerSentEvent(comment="following", retry=_RETRY_MS)
    while not listener.is_done:
        event = await listener.next(HEARTBEAT)
        if event is not None:
            yield ServerSentEvent(id=event.id, event=event.kind, raw_data=event.data)
        elif not listener.is_done:
            # Nothing waits, so the client may resume after the last event of all, which it need not have wanted: after
            # a long silence its own last id would no longer be kept.
            yield ServerSentEvent(id=deps.live.position, comment="nothing new")


@ticket_router.post(
    "/ticket",
    operation_id="createStreamTicket",
    summary="Create a ticket for the stream",
    status_code=201,
    responses=problem_responses(401, 403, 503),
)
async def create_stream_ticket(deps: Deps, key: Key, response: Response) -> StreamTicket:
    """Create a ticket that opens the stream within a minute, as `?ticket=`, and nothing else.

    For browsers, whose EventSource cannot send a key. To resume a stream that was closed, open another with a new
    ticket and `last_event_id`.
    """
    response.headers["Cache-Control"] = "no-store"
    ticket = await deps.access.issue_ticket(key)
    if ticket is None:
        return StreamTicket(ticket=None, expires_at=None)
    return StreamTicket(ticket=str(ticket), expires_at=ticket.expires_at)


def _parse_kinds(text: str | None) -> frozenset[EventKind] | None:
    if text is None:
        return None
    names = frozenset(part.strip() for part in text.split(",") if part.strip())
    kinds = frozenset(kind for kind in EVENT_KINDS if kind in names)
    if unknown := names - kinds:
        raise ProblemError(
            422, f"types: unknown {', '.join(sorted(unknown))[:80]!r}: use {', '.join(EVENT_KINDS)}"
        )
    return kinds or None
