"""Serving an application inside an event loop that has other things to do, and stopping within a bound."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from fastapi import FastAPI

from api.stream import LiveStream
from runtime.errors import ConfigurationError

_DRAIN = 5
"""Seconds that answers under way have to end."""
_LAST_WAIT = 10.0


@dataclass(frozen=True, slots=True)
class Serving:
    """Where it listens; `ended` is done when it no longer does, which nobody should let pass unseen."""

    url: str
    ended: asyncio.Task[None]


@asynccontextmanager
async def serving(app: FastAPI, *, host: str, port: int) -> AsyncIterator[Serving]:
    """Serve `app` (made by `create_app`) while inside; port 0 takes a free one. Handles no signals.

    Raises PortTaken.
    """
    with bound(host, port) as listening:
        server = _Server(config_of(app), app.state.live)
        task = asyncio.create_task(server.serve(sockets=[listening]), name="http server")
        try:
            started = asyncio.create_task(server.up.wait())
            await asyncio.wait({started, task}, return_when=asyncio.FIRST_COMPLETED)
            started.cancel()
            taken: int = listening.getsockname()[1] if not task.done() else port
            yield Serving(f"http://{f'[{host}]' if ':' in host else host}:{taken}", task)
        finally:
            server.should_exit = True
            await asyncio.wait({task}, timeout=_DRAIN + _LAST_WAIT)
            task.cancel()


def config_of(app: Any, **more: Any) -> uvicorn.Config:
    """What every way of serving has in common; logs go where the process's logs go."""
    return uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN,
        **more,
    )


class PortTaken(ConfigurationError, OSError):
    """Something else listens there already."""


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, live: LiveStream | None) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self._live = live

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals are the composition root's: this server is one of several things that stop then.
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Streams end only when told to; uvicorn would wait for them first, and for as long as it may.
        if self._live is not None:
            self._live.close()
        await super().shutdown(sockets)


def bound(host: str, port: int) -> socket.socket:
    """A socket that has `host:port`; the caller closes it. Raises PortTaken."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        raise PortTaken(
            f"cannot listen on {host}:{port} ({error.strerror}): set STRANDLINE_HTTP_PORT to a free port"
        ) from error
    return listening
