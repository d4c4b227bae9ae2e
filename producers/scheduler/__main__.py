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
from producers.scheduler.market_lists import KnownMarkets
from producers.scheduler.schedule import SchedulePolicy
from producers.scheduler.scheduler import Scheduler
from producers.scheduler.watchlist import WatchlistEntry, read_watchlist
from runtime.errors import ConfigurationError
from runtime.settings import Settings
from runtime.tasks import cancel_and_wait
from storage.database import database_engine


async def run(
    process: RoleProcess, entries: Sequence[WatchlistEntry], engine: AsyncEngine, source: MarketLists
) -> None:
    """Keep the markets of `entries` fresh until the process stops."""
    settings, clock = process.settings, process.clock
    known = KnownMarkets(source, engine, settings.exchanges, clock)
    # No journal: a job then shows that the broker has the request, since the sink wrote the job from the topic.
    publisher = RequestPublisher(process.broker, source="/strandline/scheduler", clock=clock)
    scheduler = Scheduler(
        entries,
        known=known,
        publisher=publisher,
        engine=engine,
        clock=clock,
        policy=SchedulePolicy(settings.schedule_delay, settings.schedule_spread, settings.schedule_rate),
    )
    parts: list[KnownMarkets | Scheduler | Canary] = [known, scheduler]
    if settings.canary != OFF:
        parts.append(Canary(settings, publisher=publisher, engine=engine, clock=clock))
    with serve_health(process.health, scheduler.why_not_alive, scheduler.why_not_ready, name="scheduler"):
        working = [asyncio.create_task(each.run()) for each in parts]
        stopping = asyncio.create_task(process.stop.wait())
        try:
            done, _ = await asyncio.wait({*working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopping}:
                task.result()
        finally:
            for task in (*working, stopping):
                await cancel_and_wait(task)


async def main(settings: Settings) -> None:
    """Run the scheduler as a process of its own. Raises ConfigurationError without a watchlist."""
    async with role_process(settings, "scheduler") as process:
        entries = read_watchlist(settings)
        if not entries:
            raise ConfigurationError(
                "there are no markets to schedule: set STRANDLINE_WATCHLIST "
                "(such as binance:spot:*USDT:1h>10000000), or STRANDLINE_WATCHLIST_FILE"
            )
        async with database_engine(settings) as engine, CcxtCandleSource(settings) as source:
            await run(process, entries, engine, source)


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
