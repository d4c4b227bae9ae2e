"""The scheduler's composition root: `strandline scheduler`, and one of the roles inside `strandline up`."""

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from broker.health import serve_health
from exchanges.ccxt.source import CcxtCandleSource
from exchanges.ports import MarketLists
from producers.requests.publisher import RequestPublisher
from producers.role_process import RoleProcess, role_process
from producers.scheduler.canary import OFF, Canary
from producers.scheduler.schedule import SchedulePolicy
from producers.scheduler.scheduler import Scheduler
from producers.watchlist.entries import WatchlistEntry, read_watchlist
from producers.watchlist.market_lists import KnownMarkets
from producers.watchlist.watchlist import Watchlist
from runtime.settings import Settings
from runtime.tasks import run_until
from storage.database import database_engine


async def run(
    process: RoleProcess, entries: Sequence[WatchlistEntry], engine: AsyncEngine, source: MarketLists
) -> None:
    """Keep the markets of `entries`, and of the changes to them, fresh until the process stops."""
    settings, clock = process.settings, process.clock
    known = KnownMarkets(source, engine, settings.exchanges, clock)
    # No journal: a job then shows that the broker has the request, since the sink wrote the job from the topic.
    publisher = RequestPublisher(process.broker, source="/strandline/scheduler", clock=clock)
    watchlist = Watchlist(
        entries, role="scheduler", known=known, engine=engine, settings=settings, clock=clock
    )
    await watchlist.load()
    scheduler = Scheduler(
        watchlist,
        publisher=publisher,
        engine=engine,
        clock=clock,
        policy=SchedulePolicy(settings.schedule_delay, settings.schedule_spread, settings.schedule_rate),
    )
    parts: list[KnownMarkets | Watchlist | Scheduler | Canary] = [known, watchlist, scheduler]
    if settings.canary != OFF:
        parts.append(Canary(settings, publisher=publisher, engine=engine, clock=clock))
    with serve_health(process.health, scheduler.why_not_alive, scheduler.why_not_ready, name="scheduler"):
        await run_until(process.stop.wait(), *(each.run() for each in parts))


async def main(settings: Settings) -> None:
    """Run the scheduler as a process of its own."""
    async with (
        role_process(settings, "scheduler") as process,
        database_engine(settings) as engine,
        CcxtCandleSource(settings) as source,
    ):
        await run(process, read_watchlist(settings), engine, source)


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
