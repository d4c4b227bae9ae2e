"""The long-running roles, one command each; each role is composed in its own `__main__`."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.lifecycle import stop_on_signals
from runtime.settings import Settings

if TYPE_CHECKING:
    from simulator import SimulatorOptions

# Roles are imported where they start, so that each loads only its own dependencies.


ExitOnFlood = Annotated[
    bool, typer.Option("--exit-on-flood", help="exit instead of pausing when too many records cannot be read")
]


def analyzer(exit_on_flood: ExitOnFlood = False) -> None:
    """Answer requests: fetch candles, compute levels, publish results. Several share the work."""
    from consumers.analyzer.__main__ import main  # noqa: PLC0415

    asyncio.run(main(_load_settings(exit_on_flood)))


def sink(exit_on_flood: ExitOnFlood = False) -> None:
    """Store the newest result of every market, and every request's job, in the database."""
    from consumers.sink.__main__ import main  # noqa: PLC0415

    asyncio.run(main(_load_settings(exit_on_flood)))


def api(
    service: Annotated[
        bool, typer.Option("--service", help="only /analyze, /results and /health, for a private network")
    ] = False,
) -> None:
    """Serve the REST API and the pages."""
    from api.__main__ import main  # noqa: PLC0415

    main(Settings.load(), service=service)


def watcher(exit_on_flood: ExitOnFlood = False) -> None:
    """Compare prices with the watches, and publish those that fire. Several share the markets."""
    from consumers.watcher.__main__ import main  # noqa: PLC0415

    asyncio.run(main(_load_settings(exit_on_flood)))


def tracker(exit_on_flood: ExitOnFlood = False) -> None:
    """Publish what happens to levels: each result is compared with the one before. Several share the markets."""
    from consumers.tracker.__main__ import main  # noqa: PLC0415

    asyncio.run(main(_load_settings(exit_on_flood)))


def notifier(exit_on_flood: ExitOnFlood = False) -> None:
    """Send a notification when a watch fires: to apprise URLs and signed webhooks."""
    from consumers.notifier.__main__ import main  # noqa: PLC0415

    asyncio.run(main(_load_settings(exit_on_flood)))


def prices() -> None:
    """Publish the prices of markets with a row or a watch, and store the latest in Redis."""
    from producers.prices.__main__ import main  # noqa: PLC0415

    asyncio.run(main(Settings.load()))


def feed() -> None:
    """Publish the candles of every watched market as they close, by websocket. Several share the symbols."""
    from producers.feed.__main__ import main  # noqa: PLC0415

    asyncio.run(main(Settings.load()))


def scheduler() -> None:
    """Request an analysis of every watched market just after its candle closes. One instance is enough."""
    from producers.scheduler.__main__ import main  # noqa: PLC0415

    asyncio.run(main(Settings.load()))


def simulator(
    port: Annotated[int, typer.Option(help="0: any free port")] = 8900,
    host: Annotated[str, typer.Option(help="address to listen on; 0.0.0.0 in a container")] = "127.0.0.1",
    replay: Annotated[Path | None, typer.Option(help="serve the candle files in this folder")] = None,
    exchange: Annotated[str, typer.Option(help="exchange whose files are replayed")] = "binance",
    now: Annotated[int | None, typer.Option(help="start the clock here (ms)")] = None,
    seed: Annotated[int, typer.Option(help="seed of the made-up markets")] = 1,
    listings: Annotated[int | None, typer.Option(help="number of made-up pairs", min=1, max=5_000)] = None,
    weight_limit: Annotated[
        int | None, typer.Option(help="request weight a minute before 429, then 418")
    ] = None,
) -> None:
    """Simulate an exchange: Binance's public REST API on loopback, with faults on request."""
    # Imported here because only this command needs the simulator.
    from simulator import SimulatorOptions  # noqa: PLC0415

    options = SimulatorOptions(
        replay=replay, exchange=exchange, now=now, seed=seed, listings=listings, weight_limit=weight_limit
    )
    asyncio.run(_simulate(options, host, port))


def _load_settings(exit_on_flood: bool) -> Settings:
    return Settings.load(exit_on_flood=True) if exit_on_flood else Settings.load()


async def _simulate(options: "SimulatorOptions", host: str, port: int) -> None:
    from simulator import serve  # noqa: PLC0415

    async with stop_on_signals() as stop, serve(options, host=host, port=port) as url:
        typer.echo(f"simulated exchange at {url}  (about it: {url}/simulator)")
        await stop.wait()
