"""Measure what a role costs before it has work: `python -m benchmarks.startup`.

Each role starts as `strandline ROLE` on Kafka, MySQL, Redis and the simulated exchange; its CPU is read when its ops
pages call it ready. The baseline is a Python that only imports the packages of others that the role loads. Then all
roles run without work for IDLE_SECONDS.
"""

import time
from contextlib import ExitStack
from statistics import median

from rich.console import Console
from rich.progress import track

from benchmarks.figures import Figure
from benchmarks.processes import RunningProcess, await_http, run_python
from benchmarks.services import Services, run_services
from tests.support.containers import find_free_port

ROUNDS = 2
IDLE_SECONDS = 20.0
CPU_GOAL = 1.5

_COMMON = "aiokafka, prometheus_client, pydantic_settings, structlog, typer, uvicorn, starlette.applications"
_TABLES = f"{_COMMON}, sqlalchemy.ext.asyncio, aiomysql, redis.asyncio"
LIBRARIES = {
    "analyzer": f"{_COMMON}, numpy, redis.asyncio",
    "sink": _TABLES,
    "api": f"{_TABLES}, fastapi",
    "scheduler": _TABLES,
    "feed": _TABLES,
    "prices": _TABLES,
    "watcher": f"{_COMMON}, sqlalchemy.ext.asyncio, aiomysql",
    "tracker": f"{_COMMON}, sqlalchemy.ext.asyncio, aiomysql",
    "notifier": _COMMON,
}
"""What each role cannot do without at its start. ccxt follows with its first call to an exchange."""


def start_role(stack: ExitStack, role: str, services: Services) -> RunningProcess:
    """Start a role; return when it is ready."""
    port = find_free_port()
    environ = services.environ() | {
        "STRANDLINE_OPS_PORT": str(port),
        "STRANDLINE_HTTP_PORT": str(find_free_port()),
        "STRANDLINE_WATCHLIST": "sim:spot:BTCUSDT:1d",
    }
    process = stack.enter_context(RunningProcess.start("strandline", role, environ=environ))
    await_http(f"http://127.0.0.1:{port}/readyz", process)
    return process


def measure_start(role: str, services: Services) -> tuple[float, float, float]:
    """Return seconds by the clock, CPU seconds and memory of a role when it is ready."""
    with ExitStack() as stack:
        began = time.perf_counter()
        process = start_role(stack, role, services)
        return time.perf_counter() - began, process.cpu_seconds, process.memory_mb


def measure_idle(services: Services) -> dict[str, float]:
    """Return milliseconds of CPU a second of each role, all of them started and without work."""
    with ExitStack() as stack:
        running = {role: start_role(stack, role, services) for role in LIBRARIES}
        time.sleep(5.0)  # what follows the start, such as the first rebalances, is not idleness
        before = {role: process.cpu_seconds for role, process in running.items()}
        time.sleep(IDLE_SECONDS)
        return {
            role: (process.cpu_seconds - before[role]) / IDLE_SECONDS * 1_000
            for role, process in running.items()
        }


def measure() -> list[Figure]:
    """Return CPU until ready, memory and CPU without work of each role."""
    console = Console(stderr=True)
    starts: dict[str, list[tuple[float, float, float]]] = {role: [] for role in LIBRARIES}
    bare: dict[str, list[tuple[float, float]]] = {role: [] for role in LIBRARIES}
    with run_services() as services:
        for number in track(range(ROUNDS + 1), description="rounds", console=console):
            for role, libraries in LIBRARIES.items():
                imported, started = run_python(f"import {libraries}"), measure_start(role, services)
                if number:  # the first round compiles and fills the page cache
                    bare[role].append(imported)
                    starts[role].append(started)
        idle = measure_idle(services)
    figures = [_start_figure(role, starts[role], bare[role]) for role in LIBRARIES]
    figures += [_memory_figure(role, starts[role], bare[role]) for role in LIBRARIES]
    figures += [Figure(f"{role} without work", "ms of CPU a second", value) for role, value in idle.items()]
    return figures


def _start_figure(
    role: str, starts: list[tuple[float, float, float]], bare: list[tuple[float, float]]
) -> Figure:
    ratios = [imported / cpu for (_, cpu, _), (imported, _) in zip(starts, bare, strict=True)]
    cpu = median(cpu for _, cpu, _ in starts)
    goal = "met" if cpu <= CPU_GOAL else "missed"
    return Figure(
        f"start of the {role}",
        "s of CPU",
        cpu,
        median(imported for imported, _ in bare),
        median(ratios),
        min(ratios),
        max(ratios),
        note=f"ready after {median(clock for clock, _, _ in starts):.1f} s; goal {CPU_GOAL} s of CPU: {goal}",
    )


def _memory_figure(
    role: str, starts: list[tuple[float, float, float]], bare: list[tuple[float, float]]
) -> Figure:
    ours, base = median(memory for _, _, memory in starts), median(memory for _, memory in bare)
    return Figure(f"memory of the {role}, ready", "MB", ours, base, base / ours)


if __name__ == "__main__":
    for figure in measure():
        print(figure)
