"""The API's composition root: `strandline api`, and one of the roles inside `strandline up`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from api.app import create_app
from api.pipeline.ops import api_check, ops_of_workers
from api.server import serve_api
from api.wiring import compose, process_settings, worker_app
from producers.role_process import role_process
from runtime import logging
from runtime.serving import HttpServer, bind_socket, uvicorn_config
from runtime.settings import Settings
from runtime.tasks import wait_first

_LONGEST_START = 60
"""Seconds until a worker must answer its supervisor: it imports a good deal first (uvicorn's own 5 would end it)."""


@asynccontextmanager
async def serve_in(app: FastAPI, settings: Settings) -> AsyncIterator[HttpServer]:
    """Serve `app` in this loop, where the settings say, while inside. Raises PortTaken."""
    async with serve_api(app, host=settings.http_host, port=settings.http_port) as there:
        yield there


def main(settings: Settings, *, service: bool = False) -> None:
    """The process, or with several HTTP workers the processes. Neither database nor Kafka need be there yet."""
    logging.configure(settings)
    settings.require_kafka_bootstrap()
    settings.require_database_url()
    if settings.http_workers > 1:
        _run_workers(settings, service)
    else:
        asyncio.run(_run(settings, service))


async def _run(settings: Settings, service: bool) -> None:
    async with role_process(process_settings(settings), "api") as process, AsyncExitStack() as stack:
        dependencies = compose(process, stack)
        app = create_app(dependencies, service_only=service)
        stack.enter_context(process.health.register(api_check(dependencies)))
        there = await stack.enter_async_context(serve_in(app, settings))
        await wait_first(process.stop.wait(), there.ended)


def _run_workers(settings: Settings, service: bool) -> None:
    config = uvicorn_config(
        partial(worker_app, settings, service),
        factory=True,
        workers=settings.http_workers,
        timeout_worker_healthcheck=_LONGEST_START,
    )
    with ops_of_workers(settings), bind_socket(settings.http_host, settings.http_port) as listening:
        Multiprocess(config, sockets=[listening]).run()


if __name__ == "__main__":
    main(Settings.load())
