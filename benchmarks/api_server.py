"""Serve what `benchmarks.api_reads` reads: `python -m benchmarks.api_server ours|constant PORT`.

`ours` is the API as `strandline api` composes it, but for Kafka, which reads do not use. `constant` is FastAPI on
uvicorn, which answers `GET /SIZE` with as many constant bytes.
"""

import asyncio
import io
import sys
from contextlib import AsyncExitStack

import uvicorn
from fastapi import FastAPI, Response

from api.app import create_app
from api.server import serve_api
from api.wiring import open_connections
from broker.memory.broker import MemoryBroker
from producers.role_process import RoleProcess
from runtime import logging
from runtime.settings import Settings
from schemas.topics import TOPICS


async def serve_ours(port: int) -> None:
    settings = Settings.load()
    logging.configure(settings, io.StringIO())
    async with AsyncExitStack() as stack:
        broker = MemoryBroker()
        await broker.create_topics(TOPICS, partitions=1, replication=1)
        app = create_app(open_connections(RoleProcess(settings, broker), stack))
        server = await stack.enter_async_context(serve_api(app, host="127.0.0.1", port=port))
        await server.ended


async def serve_constant(port: int) -> None:
    app = FastAPI()

    @app.get("/{size}")
    async def answer(size: int) -> Response:
        return Response(b"0" * size, media_type="application/json")

    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run({"ours": serve_ours, "constant": serve_constant}[sys.argv[1]](int(sys.argv[2])))
