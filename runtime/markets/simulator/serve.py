"""Runs the simulator inside the running event loop, and stops it for certain."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.applications import Starlette

from runtime.clock import Clock, SystemClock
from runtime.markets.simulator.app import create_app
from runtime.markets.simulator.clock import ExchangeTime
from runtime.markets.simulator.exchange import SimulatedExchange
from runtime.markets.simulator.options import SimulatorOptions
from runtime.markets.simulator.replay import ReplayTape, read_directory
from runtime.markets.simulator.synthetic_tape import SyntheticTape

_START_TIMEOUT = 10.0
_GRACE = 1
"""Seconds that answers under way get at the end; those held back by a fault are then given up."""


@contextlib.asynccontextmanager
async def serve(
    options: SimulatorOptions | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock | None = None,
) -> AsyncIterator[str]:
    """The simulator at the yielded base URL (`http://host:port`) while the context lasts. Port 0: any free one.

    Raises ConfigurationError for a replay directory without recordings, OSError for a port that is taken.
    """
    clock = clock or SystemClock()
    exchange = await asyncio.to_thread(open_exchange, options or SimulatorOptions(), clock)
    async with _served(create_app(exchange, clock), host, port) as url:
        yield url


def open_exchange(options: SimulatorOptions, clock: Clock) -> SimulatedExchange:
    """Reads the recordings if there are any: not for the event loop."""
    if options.replay is None:
        tape = SyntheticTape(options.seed)
        return SimulatedExchange(tape, ExchangeTime(clock, options.now), options.weight_limit)
    recorded = ReplayTape(read_directory(options.replay, options.exchange), options.exchange)
    start = recorded.end() + 1 if options.now is None else options.now
    return SimulatedExchange(recorded, ExchangeTime(clock, start), options.weight_limit)


class _Server(uvicorn.Server):
    """Leaves the process's signals alone, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@contextlib.asynccontextmanager
async def _served(app: Starlette, host: str, port: int) -> AsyncIterator[str]:
    config = uvicorn.Config(
        app,
        log_level="warning",
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        date_header=False,
        server_header=False,
        # Longer than clients keep idle connections, so that none is closed under a request.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE,
    )
    with socket.create_server((host, port), backlog=256) as listening:
        # asyncio does so only for sockets it made itself; without it small answers wait 40 ms for an acknowledgement.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = _Server(config)
        running = asyncio.create_task(server.serve([listening]), name="simulator")
        try:
            await _until_it_listens(server, running)
            yield f"http://{host}:{listening.getsockname()[1]}"
        finally:
            await _stop(server, running)


async def _until_it_listens(server: _Server, running: asyncio.Task[None]) -> None:
    listens = asyncio.create_task(server.listens.wait())
    try:
        await asyncio.wait({listens, running}, timeout=_START_TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
    finally:
        listens.cancel()
    if running.done():
        running.result()
    if not server.listens.is_set():
        raise TimeoutError("the simulator did not start in time")


async def _stop(server: _Server, running: asyncio.Task[None]) -> None:
    server.should_exit = True
    done, _ = await asyncio.wait({running}, timeout=_GRACE + 4.0)
    if not done:
        running.cancel()
        done, _ = await asyncio.wait({running}, timeout=1.0)
    for task in done:
        if not task.cancelled() and (error := task.exception()):
            raise error
