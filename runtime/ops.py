"""The pages that operators and their machines read, on STRANDLINE_OPS_PORT: `/livez`, `/readyz`, `/metrics`.

A process of one role serves that role's. One of several roles gathers them, so that a port tells of all.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from runtime import metrics
from runtime.serving import serving
from runtime.settings import Settings

Reasons = Sequence[str]
"""What speaks against it; none: all is well."""


async def _nothing() -> None:
    """There is nothing to measure."""


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """One role of this process. `measure` sets, before they are read, the gauges that show something of the moment."""

    name: str
    alive: Callable[[], Reasons]
    ready: Callable[[], Awaitable[Reasons]]
    measure: Callable[[], Awaitable[None]] = _nothing


Checks = list[Check]

_GATHERED: ContextVar[Checks | None] = ContextVar("checks gathered", default=None)


@asynccontextmanager
async def gathered(settings: Settings) -> AsyncIterator[None]:
    """What is served inside, also by tasks begun inside, is served together. Raises PortTaken."""
    checks: Checks = []
    _GATHERED.set(checks)
    try:
        async with _listening(settings, checks):
            yield
    finally:
        _GATHERED.set(None)


@asynccontextmanager
async def served(settings: Settings, check: Check) -> AsyncIterator[None]:
    """Serve one role's pages while inside; nothing where no port is set. Raises PortTaken."""
    checks = _GATHERED.get()
    if checks is None:
        async with _listening(settings, [check]):
            yield
        return
    checks.append(check)
    try:
        yield
    finally:
        checks.remove(check)


@asynccontextmanager
async def _listening(settings: Settings, checks: Checks) -> AsyncIterator[None]:
    if settings.ops_port is None:
        yield
        return
    async with serving(
        ops_app(checks),
        host=settings.http_host,
        port=settings.ops_port,
        setting="STRANDLINE_OPS_PORT",
        drain=1,
        lifespan=False,
    ):
        yield


def counted() -> bytes:
    """What this process counts, in Prometheus's text format."""
    return generate_latest(metrics.REGISTRY)


def ops_app(checks: Sequence[Check], collect: Callable[[], bytes] = counted) -> Starlette:
    """The three pages as an application."""

    async def livez(_: Request) -> Response:
        return _answer(_told(checks, [check.alive() for check in checks]))

    async def readyz(_: Request) -> Response:
        return _answer(_told(checks, [await check.ready() for check in checks]))

    async def read(_: Request) -> Response:
        metrics.CONSUMER_LAG.clear()  # partitions come and go
        for check in checks:
            await check.measure()
        return Response(collect(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", read)])


def _told(checks: Sequence[Check], reasons: Sequence[Reasons]) -> Reasons:
    """All reasons, each with its role where there are several."""
    if len(checks) == 1:
        return reasons[0]
    return [f"{check.name}: {reason}" for check, some in zip(checks, reasons, strict=True) for reason in some]


def _answer(reasons: Reasons) -> Response:
    return JSONResponse({"ok": not reasons, "reasons": list(reasons)}, status_code=503 if reasons else 200)
