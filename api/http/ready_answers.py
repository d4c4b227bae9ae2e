"""Answers that the response cache has, sent without routing: the same bytes as the route would send.

A route that has answered from the cache is remembered with the path and the query that led to it. From then on the
cache is looked up in the message to Redis that counts the request for its rate limit, and the route is not called.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from fastapi import Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.access_control import AccessControl, read_key
from api.http.problems import ProblemError
from runtime.clock import Clock
from runtime.errors import Transient
from runtime.lru import LruDict
from storage.response_cache import ResponseCache

_MAX_REMEMBERED = 5_000
_MAX_QUERY = 300
_MAX_AGE = 0.5
"""Seconds from a look-up to its use: a check of the key in between may take longer."""

_STATE = "ready_answer"


@dataclass(frozen=True, slots=True)
class CachedRead:
    """Where the answer to a path and query is cached, and the route that it is measured as."""

    scope: str
    name: str
    route: Any


@dataclass(frozen=True, slots=True)
class LookUp:
    """A look-up under way."""

    read: CachedRead
    found: asyncio.Future[Any]
    began: float


class RememberedReads:
    """The reads whose answers are in the cache."""

    def __init__(self) -> None:
        self._reads: LruDict[tuple[str, bytes], CachedRead] = LruDict(_MAX_REMEMBERED)

    def find(self, scope: Scope) -> CachedRead | None:
        """Return what was remembered for this path and query."""
        return self._reads.get((scope["path"], scope["query_string"]))

    def remember(self, scope: Scope, cache_scope: str, name: str) -> None:
        """Remember a read by its route; long queries are not."""
        if len(scope["path"]) + len(scope["query_string"]) <= _MAX_QUERY:
            read = CachedRead(cache_scope, name, scope.get("route"))
            self._reads.put((scope["path"], scope["query_string"]), read)


class CachedAnswer(Response):
    """An answer that the cache has from now on; sending it remembers the read."""

    media_type = "application/json"

    def __init__(self, body: bytes, reads: RememberedReads, cache_scope: str, name: str) -> None:
        super().__init__(body)
        self._reads = reads
        self._cached_as = cache_scope, name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._reads.remember(scope, *self._cached_as)
        await super().__call__(scope, receive, send)


class LookAheadMiddleware:
    """Begins the look-up of a remembered read, outside the rate limits, whose count is in the same message."""

    def __init__(self, app: ASGIApp, *, cache: ResponseCache, reads: RememberedReads, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._cache = cache
        self._reads = reads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}:
            read = self._reads.find(scope)
            if read is not None:
                found = self._cache.begin_look_up(read.scope, read.name)
                scope.setdefault("state", {})[_STATE] = LookUp(read, found, self._clock.monotonic())
        await self._app(scope, receive, send)


class ReadyAnswerMiddleware:
    """Sends the answer that was looked up, if the call may have it; leaves everything else to the routes."""

    def __init__(self, app: ASGIApp, *, cache: ResponseCache, access: AccessControl, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._cache = cache
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        look_up: LookUp | None = scope.get("state", {}).pop(_STATE, None)
        if look_up is None or (answer := await self._find_answer(look_up, scope)) is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = look_up.read.route
        await Response(answer, media_type=CachedAnswer.media_type)(scope, receive, send)

    async def _find_answer(self, look_up: LookUp, scope: Scope) -> bytes | None:
        try:
            await self._access.authorize("read", read_key(Headers(scope=scope)))
        except (ProblemError, Transient):
            return None  # the route answers with the problem
        found = await look_up.found
        if self._clock.monotonic() - look_up.began > _MAX_AGE:
            return None
        return self._cache.take_answer(found)
