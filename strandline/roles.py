"""The long-running roles, one command each. Each composes itself in its own `__main__`."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.lifecycle import stop_on_signals
from runtime.settings import Settings

if TYPE_CHECKING:
    from simulator import SimulatorOptions

# Roles are imported where they start: each loads only what it runs on.


ExitOnFlood = Annotated[
    bool, typer.Option("--exit-on-flood", help="stop, rather than pause, when too much cannot be read")
]


def analyzer(exit_on_flood: ExitOnFlood = False) -> None:
    """Answer requests: fetch candles, compute levels, publish results. Run as many as there is work for."""
    from consumers.analyzer.__main__ import main  # noqa: PLC0415

    asyncio.run(main(_with_flood(exit_on_flood)))


def sink(exit_on_flood: ExitOnFlood = False) -> None:
    """Keep the newest result of every market, and every request's job, in the database."""
    from consumers.sink.__main__ import main  # noqa: PLC0415

    asyncio.run(main(_with_flood(exit_on_flood)))


def api(
    service: Annotated[
        bool, typer.Option("--service", help="only /analyze, /results and /health, for a private network")
    ] = False,
) -> None:
    """Serve the REST API and the page."""
    from api.__main__ import main  # noqa: PLC0415

    main(Settings.load(), service=service)


def watcher(exit_on_flood: ExitOnFlood = False) -> None:
    """Measure prices by the watches, and publish what fires. Several share the markets among them."""
    from consumers.watcher.__main__ import main  # noqa: PLC0415

    asyncio.run(main(_with_flood(exit_on_flood)))


def notifier(exit_on_flood: ExitOnFlood = False) -> None:
    """Tell people and services that a watch fired: by apprise's URLs, and by signed webhooks."""
    from consumers.notifier.__main__ import main  # noqa: PLC0415

    asyncio.run(main(_with_flood(exit_on_flood)))


def prices() -> None:
    """Tell what markets trade at, of those with a row or a watch: onto their topic, and the latest into Redis."""
    from producers.prices.__main__ import main  # noqa: PLC0415

    asyncio.run(main(Settings.load()))


def scheduler() -> None:
    """Ask for every watched market just after its candle closes. One is enough; two cost next to nothing."""
    from producers.scheduler.__main__ import main  # noqa: PLC0415

    asyncio.run(main(Settings.load()))


def simulator(
    port: Annotated[int, typer.Option(help="0 takes a free one")] = 8900,
    host: Annotated[str, typer.Option(help="where it listens; 0.0.0.0 in a container")] = "127.0.0.1",
    replay: Annotated[Path | None, typer.Option(help="serve the candle files in this folder")] = None,
    exchange: Annotated[str, typer.Option(help="whose files to replay")] = "binance",
    now: Annotated[int | None, typer.Option(help="start the clock here (ms)")] = None,
    seed: Annotated[int, typer.Option(help="another seed, other markets")] = 1,
    weight_limit: Annotated[
        int | None, typer.Option(help="request weight a minute before 429, then 418")
    ] = None,
) -> None:
    """Run an exchange that is not one: Binance's public REST API on loopback, misbehaving when told to."""
    # Here, for only this command runs a simulator.
    from simulator import SimulatorOptions  # noqa: PLC0415

    options = SimulatorOptions(
        replay=replay, exchange=exchange, now=now, seed=seed, weight_limit=weight_limit
    )
    asyncio.run(_simulate(options, host, port))


def _with_flood(exit_on_flood: bool) -> Settings:
    return Settings.load(exit_on_flood=True) if exit_on_flood else Settings.load()


async def _simulate(options: "SimulatorOptions", host: str, port: int) -> None:
    from simulator import serve  # noqa: PLC0415

    async with stop_on_signals() as stop, serve(options, host=host, port=port) as url:
        typer.echo(f"simulated exchange at {url}  (what it is: {url}/simulator)")
        await stop.wait()
