"""A limit on the size of request bodies."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 256 * 1024
"""A batch of 500 requests, each of a few hundred bytes."""


class BodyLimitMiddleware:
    """Makes `receive` raise 413 once a body is, or declares to be, larger than `max_bytes`.

    Starlette has a limit too, but answers in plain text.
    """

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        content_length = Headers(scope=scope).get("content-length", "")
        declared = int(content_length) if content_length.isdecimal() else 0
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            if declared <= self._max_bytes:
                message = await receive()
                received += len(message.get("body", b""))
                if received <= self._max_bytes:
                    return message
            raise HTTPException(413, f"the body is larger than {self._max_bytes} bytes")

        await self._app(scope, receive_limited, send)
