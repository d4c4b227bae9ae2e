"""The feed's composition root: `strandline feed`, and one of the roles inside `strandline up`."""

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from broker.health import serve_health
from exchanges.ccxt.source import CcxtCandleSource
from producers.feed.producer import FeedProducer
from producers.feed.published import PublishedCandles
from producers.feed.publisher import CandlePublisher
from producers.feed.reporting import report_progress
from producers.role_process import RoleProcess, role_process
from producers.watchlist.entries import WatchlistEntry, read_watchlist
from producers.watchlist.market_lists import KnownMarkets
from producers.watchlist.watchlist import Watchlist
from runtime.settings import Settings
from runtime.tasks import run_until
from storage.database import database_engine


async def run(
    process: RoleProcess, entries: Sequence[WatchlistEntry], engine: AsyncEngine, source: CcxtCandleSource
) -> None:
    """Publish the closed candles of `entries`, and of the changes to them, until the process stops."""
    settings, clock = process.settings, process.clock
    known = KnownMarkets(source, engine, settings.exchanges, clock)
    watchlist = Watchlist(entries, role="feed", known=known, engine=engine, settings=settings, clock=clock)
    await watchlist.load()
    producer = FeedProducer(
        watchlist,
        source=source,
        publisher=CandlePublisher(process.broker, clock, source="/strandline/feed"),
        load_published=PublishedCandles(process.broker, engine, clock).load,
        clock=clock,
        share=settings.feed_share,
    )
    with serve_health(process.health, producer.why_not_alive, producer.why_not_ready, name="feed"):
        await run_until(
            process.stop.wait(),
            known.run(),
            watchlist.run(),
            producer.run(),
            report_progress(engine, producer.progress, clock),
        )


async def main(settings: Settings) -> None:
    """Run the feed as a process of its own."""
    async with (
        role_process(settings, "feed") as process,
        database_engine(settings) as engine,
        CcxtCandleSource(settings) as source,
    ):
        await run(process, read_watchlist(settings), engine, source)


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
