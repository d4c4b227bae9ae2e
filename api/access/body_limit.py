"""A bound on what a request's body may weigh, kept before anything reads it."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY = 64 * 1024
"""Bytes: a request is a few hundred."""


class BodyLimit:
    """Lets `receive` raise 413 once a body is, or says it will be, larger than `most` bytes.

    Starlette has one too, but it answers in plain text.
    """

    def __init__(self, app: ASGIApp, most: int = MOST_BODY) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        weight = int(declared) if declared.isdecimal() else 0
        seen = 0

        async def bounded() -> Message:
            nonlocal seen
            if weight <= self._most:
                message = await receive()
                seen += len(message.get("body", b""))
                if seen <= self._most:
                    return message
            raise HTTPException(413, f"the body is larger than {self._most} bytes")

        await self._app(scope, bounded, send)
