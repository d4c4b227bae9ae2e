"""The ops pages of the API. With several worker processes their supervisor serves them, for all of them together."""

import asyncio
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from api.http.dependencies import Dependencies
from runtime.ops import Check, HealthRegistry, Reasons, ops_app
from runtime.serving import bind_socket, serve_app
from runtime.settings import Settings
from storage.database import is_reachable

_DATABASE_SECONDS = 2.0
_WORKER_SECONDS = 5.0
_NO_DATABASE = "the database is not reachable: see STRANDLINE_DATABASE_URL"

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""What prometheus_client reads, when it is imported, to learn that it counts for one of several processes."""


def api_check(deps: Dependencies) -> Check:
    """Ready when reads can be answered; Kafka may be away."""

    async def ready() -> Reasons:
        return () if await is_reachable(deps.engine, _DATABASE_SECONDS) else (_NO_DATABASE,)

    return Check("api", lambda: (), ready)


@contextmanager
def ops_of_workers(settings: Settings) -> Iterator[None]:
    """Serve the ops pages from a thread of the supervisor while inside; nothing where no port is set.

    Workers that start inside count into files of a folder that is theirs and ends with this. Raises PortTaken.
    """
    if settings.ops_port is None:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="strandline-metrics-") as folder:
        os.environ[FOLDER] = folder
        # Bound here, so that a port that is taken ends the process and not only the thread.
        bind_socket(settings.http_host, settings.ops_port, setting="STRANDLINE_OPS_PORT").close()
        stop = threading.Event()
        thread = threading.Thread(
            target=lambda: asyncio.run(_serve(settings, Path(folder), stop)), daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(_WORKER_SECONDS)
            os.environ.pop(FOLDER)


async def _serve(settings: Settings, folder: Path, stop: threading.Event) -> None:
    assert settings.ops_port is not None
    host = "127.0.0.1" if settings.http_host in {"0.0.0.0", "::"} else settings.http_host  # noqa: S104 (compared)
    async with httpx.AsyncClient(
        base_url=f"http://{host}:{settings.http_port}", timeout=_WORKER_SECONDS, trust_env=False
    ) as worker:

        async def ready() -> Reasons:
            try:
                health = (await worker.get("/health")).json()
            except (httpx.HTTPError, ValueError):
                return ("no worker answers",)
            return () if health["database"] else (_NO_DATABASE,)

        app = ops_app(HealthRegistry(Check("api", lambda: (), ready)), lambda: counted_by_workers(folder))
        async with serve_app(
            app,
            host=settings.http_host,
            port=settings.ops_port,
            setting="STRANDLINE_OPS_PORT",
            drain=1,
            lifespan=False,
        ):
            await asyncio.to_thread(stop.wait)


def counted_by_workers(folder: Path) -> bytes:
    """What all workers counted, those that ended as well; gauges are of those that live."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if not _lives(pid):
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
