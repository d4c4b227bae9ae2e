"""Runs the simulator inside the running event loop, and always stops it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from runtime.clock import Clock, SystemClock
from runtime.serving import serve_app
from simulator.clock import ExchangeTime
from simulator.exchange import SimulatedExchange
from simulator.history.replay import ReplayTape, read_directory
from simulator.history.synthetic_tape import SyntheticTape
from simulator.http.app import create_app
from simulator.listings import SYNTHETIC, make_listings
from simulator.options import SimulatorOptions

_GRACE = 1
"""Seconds that answers under way get at shutdown; those delayed by a fault are then dropped."""


@contextlib.asynccontextmanager
async def serve(
    options: SimulatorOptions | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock | None = None,
) -> AsyncIterator[str]:
    """Run the simulator at the yielded base URL (`http://host:port`) while the context lasts. Port 0: any free one.

    Raises ConfigurationError for a replay directory without recordings, PortTaken.
    """
    clock = clock or SystemClock()
    exchange = await asyncio.to_thread(open_exchange, options or SimulatorOptions(), clock)
    app = create_app(exchange, clock)
    async with serve_app(
        app, host=host, port=port, drain=_GRACE, lifespan=False, date_header=False, websockets=True
    ) as there:
        yield there.url


def open_exchange(options: SimulatorOptions, clock: Clock) -> SimulatedExchange:
    """Create the exchange; reads recordings, so call it outside the event loop."""
    if options.replay is None:
        listings = SYNTHETIC if options.listings is None else make_listings(options.listings)
        tape = SyntheticTape(options.seed, listings)
        return SimulatedExchange(tape, ExchangeTime(clock, options.now), options.weight_limit)
    recorded = ReplayTape(read_directory(options.replay, options.exchange), options.exchange)
    start = recorded.end() + 1 if options.now is None else options.now
    return SimulatedExchange(recorded, ExchangeTime(clock, start), options.weight_limit)
