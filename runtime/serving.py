"""Serves an ASGI application inside an event loop shared with other tasks, and stops within a timeout."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from runtime.errors import ConfigurationError
from runtime.http_protocol import DeadlineProtocol

DRAIN_TIMEOUT = 5
"""Seconds that requests in progress get to finish at a stop."""
_SHUTDOWN_TIMEOUT = 10.0
_SETTING = "STRANDLINE_HTTP_PORT"


class PortTaken(ConfigurationError, OSError):
    """The port is in use by another process."""


@dataclass(frozen=True, slots=True)
class HttpServer:
    """A running server. `ended` completes when it stops listening; its owner must watch it."""

    url: str
    ended: asyncio.Task[None]


@asynccontextmanager
async def serve_app(
    app: Any,
    *,
    host: str,
    port: int,
    drain: int = DRAIN_TIMEOUT,
    lifespan: bool = True,
    date_header: bool = True,
    before_drain: Callable[[], None] | None = None,
    setting: str = _SETTING,
    websockets: bool = False,
) -> AsyncIterator[HttpServer]:
    """Serve the ASGI `app` while inside, without signal handlers. Port 0 takes a free one; `setting` names its setting.

    At the end `before_drain` is called, then requests in progress get `drain` seconds. Raises PortTaken, and the error
    that kept the server from starting.
    """
    with bind_socket(host, port, setting=setting) as listening:
        config = uvicorn_config(
            app, drain=drain, lifespan=lifespan, websockets=websockets, date_header=date_header
        )
        server = _Server(config, before_drain)
        task = asyncio.create_task(server.serve(sockets=[listening]), name="http server")
        started = asyncio.create_task(server.up.wait())
        try:
            await asyncio.wait({started, task}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
            taken: int = listening.getsockname()[1] if not task.done() else port
            yield HttpServer(build_url(host, taken), task)
        finally:
            started.cancel()
            server.should_exit = True
            await asyncio.wait({task}, timeout=drain + _SHUTDOWN_TIMEOUT)
            task.cancel()


def uvicorn_config(
    app: Any, *, drain: int = DRAIN_TIMEOUT, lifespan: bool = True, websockets: bool = False, **more: Any
) -> uvicorn.Config:
    """Build the uvicorn configuration that all servers share; its logs use the process's log handlers."""
    return uvicorn.Config(
        app,
        http=DeadlineProtocol,
        lifespan="on" if lifespan else "off",
        ws="websockets-sansio" if websockets else "none",
        log_config=None,
        access_log=False,
        server_header=False,
        # uvicorn would trust X-Forwarded-For of any local caller; trusted proxies are a setting of ours.
        proxy_headers=False,
        timeout_graceful_shutdown=drain,
        **more,
    )


def build_url(host: str, port: int) -> str:
    """Return the URL of a server; an IPv6 address is bracketed."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def bind_socket(host: str, port: int, *, setting: str = _SETTING) -> socket.socket:
    """Bind a socket to `host:port`; the caller closes it. Raises PortTaken, which names the `setting` to change."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:  # `::` serves IPv4 as well, whatever the system's default is
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        raise PortTaken(
            f"cannot listen on {host}:{port} ({error.strerror}): choose a free port ({setting})"
        ) from error
    return listening


def require_free_port(host: str, port: int) -> None:
    """Raise PortTaken where nothing could listen there: before work whose end needs it."""
    bind_socket(host, port).close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, before_drain: Callable[[], None] | None) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self._before_drain = before_drain

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals are handled by the process: this server is one of several things that stop then.
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Streams end only on `before_drain`; uvicorn would wait for them first, up to the drain timeout.
        if self._before_drain is not None:
            self._before_drain()
        await super().shutdown(sockets)
