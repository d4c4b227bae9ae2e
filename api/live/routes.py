"""`/api/v1/stream`: what happens, as it happens, as server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.http.dependencies import Deps
from api.http.parameters import Words
from api.http.problems import Refused, described
from api.live.stream import LiveStream
from api.live.subscriber import KINDS, Interest, Kind, Listener

HEARTBEAT = 12.0
"""Seconds of silence after which a comment keeps the line alive: below the 15 s of FastAPI's own."""

_RETRY_MS = 3_000

router = APIRouter(prefix="/api/v1/stream", tags=["stream"])


def _live(request: Request) -> LiveStream:
    return cast(LiveStream, request.app.state.live)


Live = Annotated[LiveStream, Depends(_live)]


async def _listening(
    live: Live,
    deps: Deps,
    http: Request,
    market: Words = None,
    types: Words = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> AsyncIterator[Listener]:
    # Before the answer begins, so that whoever sees it begin misses nothing from then on.
    if live.listeners >= deps.settings.streams:
        raise Refused(503, "too many clients follow this process: try another, or later")
    client = getattr(http.state, "client", "")
    if live.listeners_of(client) >= deps.settings.streams_per_client:
        raise Refused(429, "too many streams of one client: close some, or follow several markets in one")
    with live.listen(Interest.of(market, _kinds(types)), last_event_id, client=client) as listener:
        yield listener


@router.get("", response_class=EventSourceResponse, responses=described(422, 429, 503))
async def stream(
    live: Live, listener: Annotated[Listener, Depends(_listening)]
) -> AsyncIterator[ServerSentEvent]:
    """Events with their payloads (`result failure price watch`), of one `market` and of some `types` if named.

    `market` is a key, `exchange:market_type:symbol`, or a symbol. A `watch` says in its data whether it `fired` or
    `expired`. Of the prices that wait for a slow client only the latest of each market stays.

    A `reset` says that events were missed: read anew what you show. Send `Last-Event-ID` to go on where you were.
    """
    yield ServerSentEvent(comment="following", retry=_RETRY_MS)
    while not listener.ended:
        happening = await listener.next(HEARTBEAT)
        if happening is not None:
            yield ServerSentEvent(id=happening.id, event=happening.kind, raw_data=happening.data)
        elif not listener.ended:
            # With the id of what was told last (nothing waits), though this client may not have wanted it: after a
            # long silence its own last id would be forgotten here.
            yield ServerSentEvent(id=live.position, comment="nothing new")


def _kinds(written: str | None) -> frozenset[Kind] | None:
    if written is None:
        return None
    named = frozenset(part.strip() for part in written.split(",") if part.strip())
    kinds = frozenset(kind for kind in KINDS if kind in named)
    if unknown := named - kinds:
        raise Refused(422, f"types: {', '.join(sorted(unknown))[:80]!r} not among {', '.join(KINDS)}")
    return kinds or None
