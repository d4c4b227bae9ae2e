"""The ops pages of an API with several worker processes: their supervisor serves one set of pages for all."""

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

from api.health.ops_pages import NO_DATABASE
from runtime.ops import Check, HealthRegistry, Reasons, ops_app
from runtime.serving import bind_socket, serve_app
from runtime.settings import Settings

_WORKER_TIMEOUT = 5.0

METRICS_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that prometheus_client reads when it is imported: if set, metrics are shared by several processes."""


@contextmanager
def serve_worker_ops(settings: Settings) -> Iterator[None]:
    """Serve the ops pages from a thread of the supervisor inside this context; no-op if no port is set.

    Workers started inside write their metrics to a temporary folder, which is deleted at the end. Raises PortTaken.
    """
    if settings.ops_port is None:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="strandline-metrics-") as folder:
        os.environ[METRICS_FOLDER_VARIABLE] = folder
        # Bound here first, so that a port in use ends the process and not only the thread.
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
            thread.join(_WORKER_TIMEOUT)
            os.environ.pop(METRICS_FOLDER_VARIABLE)


async def _serve(settings: Settings, folder: Path, stop: threading.Event) -> None:
    assert settings.ops_port is not None
    host = "127.0.0.1" if settings.http_host in {"0.0.0.0", "::"} else settings.http_host  # noqa: S104 (compared)
    async with httpx.AsyncClient(
        base_url=f"http://{host}:{settings.http_port}", timeout=_WORKER_TIMEOUT, trust_env=False
    ) as worker:

        async def ready() -> Reasons:
            try:
                health = (await worker.get("/health")).json()
            except (httpx.HTTPError, ValueError):
                return ("no worker of the API answers",)
            return () if health["database"] else (NO_DATABASE,)

        app = ops_app(HealthRegistry(Check("api", lambda: (), ready)), lambda: collect_worker_metrics(folder))
        async with serve_app(
            app,
            host=settings.http_host,
            port=settings.ops_port,
            setting="STRANDLINE_OPS_PORT",
            drain=1,
            lifespan=False,
        ):
            await asyncio.to_thread(stop.wait)


def collect_worker_metrics(folder: Path) -> bytes:
    """Return the metrics of all workers in Prometheus's text format; gauges are those of live workers only."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if not _is_alive(pid):
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
