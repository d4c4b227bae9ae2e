"""The composition root of `strandline api`."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial

from api.app import create_app
from api.health.ops_pages import check_api
from api.server import serve_api
from api.wiring import create_worker_app, open_connections, process_settings
from producers.role_process import role_process
from runtime import logging
from runtime.serving import bind_socket, uvicorn_config
from runtime.settings import Settings
from runtime.tasks import wait_first

_WORKER_TIMEOUT = 60
"""Seconds until a worker that has started must answer its supervisor."""


def main(settings: Settings, *, service: bool = False) -> None:
    """Run the API until it is stopped, in one process or in several. Database and Kafka may still be away."""
    logging.configure(settings)
    settings.require_kafka_bootstrap()
    settings.require_database_url()
    if settings.http_workers > 1:
        _run_workers(settings, service)
    else:
        asyncio.run(_run(settings, service))


async def _run(settings: Settings, service: bool) -> None:
    async with role_process(process_settings(settings), "api") as process, AsyncExitStack() as stack:
        connections = open_connections(process, stack)
        app = create_app(connections, service_only=service, load_early=True)
        stack.enter_context(process.health.register(check_api(connections)))
        server = await stack.enter_async_context(
            serve_api(app, host=settings.http_host, port=settings.http_port)
        )
        await wait_first(process.stop.wait(), server.ended)


def _run_workers(settings: Settings, service: bool) -> None:
    # Imported here: a single process serves its own ops pages, and needs neither.
    from api.health.worker_ops import serve_worker_ops  # noqa: PLC0415
    from api.workers import WorkerSupervisor  # noqa: PLC0415

    config = uvicorn_config(
        partial(create_worker_app, settings, service),
        factory=True,
        workers=settings.http_workers,
        timeout_worker_healthcheck=_WORKER_TIMEOUT,
    )
    with serve_worker_ops(settings), bind_socket(settings.http_host, settings.http_port) as listening:
        WorkerSupervisor(config, sockets=[listening]).run()


if __name__ == "__main__":
    main(Settings.load())
