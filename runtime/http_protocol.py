"""uvicorn's HTTP/1.1 protocol with a deadline for each request: clients that send half of one do not stay."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_TIMEOUT = 15.0
"""Seconds from the connection, or from the first byte of a later request, to the end of its headers."""

BODY_TIMEOUT = 30.0
"""Seconds from the end of the headers to the end of the body."""

_REFUSAL = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class DeadlineProtocol(H11Protocol):
    """Closes a connection whose request is not complete in time, with 408 where a request but no response has begun.

    Between requests uvicorn's own keep-alive timeout applies.
    """

    _awaited: str | None = None
    """The part of a request that is due: headers, body."""
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await("headers")

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._await(self._find_due_part())

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._await(self._find_due_part())

    def connection_lost(self, exc: Exception | None) -> None:
        self._await(None)
        super().connection_lost(exc)

    def _find_due_part(self) -> str | None:
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return None  # closed, or upgraded to a websocket, which has no deadline
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            return "body"
        is_due = self.cycle is None or bool(self.conn.trailing_data[0])
        return "headers" if state is h11.IDLE and is_due else None

    def _await(self, part: str | None) -> None:
        """Start the deadline of `part`; one that is running for the same part goes on, however many bytes arrive."""
        if part == self._awaited:
            return
        self._awaited = part
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if part is not None:
            seconds = HEADERS_TIMEOUT if part == "headers" else BODY_TIMEOUT
            self._deadline = self.loop.call_later(seconds, self._close)

    def _close(self) -> None:
        if self.transport.is_closing():
            return
        is_begun = self._awaited == "body" or bool(self.conn.trailing_data[0])
        if is_begun and (self.cycle is None or self._awaited == "headers" or not self.cycle.response_started):
            self.transport.write(_REFUSAL)
        self.transport.close()
