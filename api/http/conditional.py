"""Conditional reads: an ETag on every answer to a read, 304 to a client that has it already, and HEAD."""

import re
from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

READ_PATHS = ("/api/", "/results", "/udf/", "/chart.png", "/openapi.json", "/health")
STREAMED_PATHS = ("/api/v1/stream", "/api/v1/export")
"""Answers without a length, which are sent while they are made."""

_TAG = re.compile(r'(?:W/)?"[^"]*"')
_KEPT_IN_304 = frozenset({"cache-control", "content-location", "date", "etag", "expires", "vary"})


def make_tag(body: bytes) -> str:
    """Return the entity tag of a body. It is weak: the compressed body has the same."""
    return f'W/"{blake2b(body, digest_size=12).hexdigest()}"'


def matches_tag(if_none_match: str, tag: str) -> bool:
    """Return whether `tag` is one of those in an If-None-Match header, by the weak comparison of RFC 9110."""
    if if_none_match.strip() == "*":
        return True
    return tag.removeprefix("W/") in {known.removeprefix("W/") for known in _TAG.findall(if_none_match)}


class ConditionalMiddleware:
    """Adds the tag to answers that have one body, unless the route has set it, and leaves out bodies.

    The routes know GET only: a HEAD is a GET whose body is not sent.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_read(scope):
            await self._app(scope, receive, send)
            return
        known = ", ".join(Headers(scope=scope).getlist("if-none-match"))
        answer = _Answer(scope, send, known)
        scope["method"] = "GET"
        await self._app(scope, receive, answer.send)


class _Answer:
    """One answer on its way to the client."""

    def __init__(self, scope: Scope, send: Send, known: str) -> None:
        self._scope = scope
        self._send = send
        self._known = known
        self._method: str = scope["method"]
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        """Hold the start back until its body is there, if it has one body; send everything else as it comes."""
        self._scope["method"] = self._method
        if message["type"] == "http.response.start" and _is_whole(message):
            self._start = message
        elif self._start is not None:
            start, self._start = self._start, None
            await self._finish(start, message)
        elif message["type"] == "http.response.body" and self._method == "HEAD":
            await self._send({**message, "body": b""})
        else:
            await self._send(message)

    async def _finish(self, start: Message, message: Message) -> None:
        headers = MutableHeaders(scope=start)
        headers.setdefault("Cache-Control", "no-cache")
        tag = headers.setdefault("ETag", make_tag(message.get("body", b"")))
        if self._known and matches_tag(self._known, tag):
            start = {**start, "status": 304, "headers": _select_headers(start)}
            message = {"type": "http.response.body"}
        elif self._method == "HEAD":
            message = {**message, "body": b""}
        await self._send(start)
        await self._send(message)


def _is_read(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] in {"GET", "HEAD"}
        and scope["path"].startswith(READ_PATHS)
        and not scope["path"].startswith(STREAMED_PATHS)
    )


def _is_whole(start: Message) -> bool:
    """Return whether this is the start of a 200 with one body of known length."""
    return start["status"] == 200 and "content-length" in Headers(raw=start["headers"])


def _select_headers(start: Message) -> list[tuple[bytes, bytes]]:
    return [
        (name, value) for name, value in start["headers"] if name.decode("latin-1").lower() in _KEPT_IN_304
    ]
