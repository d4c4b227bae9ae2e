"""The API's composition root: `strandline api`, and one of the roles inside `strandline up`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from api.app import create_app
from api.dependencies import Dependencies
from api.server import Serving, bound, config_of, serving
from producers.journal import JobJournal
from producers.requests import RequestPublisher
from runtime import logging
from runtime.broker.kafka import KafkaBroker
from runtime.clock import SystemClock
from runtime.database import open_database
from runtime.errors import ConfigurationError
from runtime.lifecycle import stop_on_signals
from runtime.markets.ccxt_source import CcxtCandleSource
from runtime.settings import Settings

_LONGEST_PUBLISH = 8.0
"""Seconds: whoever waits for an answer over HTTP waits less long than a process of ours may."""


@asynccontextmanager
async def serve_in(app: FastAPI, settings: Settings) -> AsyncIterator[Serving]:
    """Serve `app` in this loop, where the settings say, while inside. Raises OSError where the port is taken."""
    async with serving(app, host=settings.http_host, port=settings.http_port) as there:
        yield there


def main(settings: Settings, *, service: bool = False) -> None:
    """The process, or with several HTTP workers the processes. Neither database nor Kafka need be there yet."""
    logging.configure(settings)
    settings.required_kafka_bootstrap()
    settings.required_database_url()
    try:
        if settings.http_workers > 1:
            _run_workers(settings, service)
        else:
            asyncio.run(_run(settings, service))
    except OSError as error:
        raise ConfigurationError(f"{error.strerror}: set STRANDLINE_HTTP_PORT to a free port") from error


def composed(settings: Settings, stack: AsyncExitStack) -> Dependencies:
    """What the API stands on, connected when first used; `stack` closes it."""
    settings = settings.model_copy(
        update={"publish_timeout": min(settings.publish_timeout, _LONGEST_PUBLISH)}
    )
    clock = SystemClock()
    engine = open_database(settings.required_database_url())
    stack.push_async_callback(engine.dispose)
    broker = KafkaBroker(settings)
    stack.push_async_callback(broker.close)
    candles = CcxtCandleSource(settings)
    stack.push_async_callback(candles.close)
    journal = JobJournal(engine, required=False)
    publisher = RequestPublisher(broker, source="/strandline/api", clock=clock, journal=journal)
    return Dependencies(engine, publisher, candles, broker, settings, clock)


async def _run(settings: Settings, service: bool) -> None:
    async with stop_on_signals() as stop, AsyncExitStack() as stack:
        app = create_app(composed(settings, stack), service_only=service)
        async with serve_in(app, settings) as there:
            stopping = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({stopping, there.ended}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopping.cancel()


def _run_workers(settings: Settings, service: bool) -> None:
    config = config_of(partial(_worker, settings, service), factory=True, workers=settings.http_workers)
    with bound(settings.http_host, settings.http_port) as listening:
        Multiprocess(config, sockets=[listening]).run()


def _worker(settings: Settings, service: bool) -> FastAPI:
    """The application of one worker process, which closes what it opened when its server stops."""
    logging.configure(settings)
    stack = AsyncExitStack()
    return create_app(composed(settings, stack), service_only=service, closing=stack)


if __name__ == "__main__":
    main(Settings.load())
