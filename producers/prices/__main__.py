"""The prices role's composition root: `strandline prices`, and one of the roles inside `strandline up`."""

import asyncio
from contextlib import AsyncExitStack

from sqlalchemy.ext.asyncio import AsyncEngine

from broker.health import serve_health
from exchanges.ccxt.source import CcxtCandleSource
from exchanges.latest_prices import open_latest_prices
from producers.prices.producer import PriceProducer
from producers.prices.publisher import PricePublisher
from producers.role_process import RoleProcess, role_process
from runtime.settings import Settings
from storage.database import database_engine


async def run(process: RoleProcess, engine: AsyncEngine, source: CcxtCandleSource) -> None:
    """Publish prices until the process stops."""
    settings, clock = process.settings, process.clock
    async with AsyncExitStack() as stack:
        latest = open_latest_prices(settings.redis_url, clock)
        if latest is not None:
            stack.push_async_callback(latest.close)
        publisher = PricePublisher(process.broker, latest, source="/strandline/prices")
        producer = PriceProducer(settings, engine=engine, source=source, publisher=publisher, clock=clock)
        stack.enter_context(
            serve_health(process.health, producer.why_not_alive, producer.why_not_ready, name="prices")
        )
        await producer.run(process.stop)


async def main(settings: Settings) -> None:
    """Run the prices role as a process of its own."""
    async with (
        role_process(settings, "prices") as process,
        database_engine(settings) as engine,
        CcxtCandleSource(settings) as source,
    ):
        await run(process, engine, source)


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
