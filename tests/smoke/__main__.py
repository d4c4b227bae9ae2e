"""`make smoke`; with an image name as argument it uses that image instead of building one.

Each step prints its result, and the last line the counts. Everything that was started is removed at the end.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.smoke import load, monitoring, walls, watch
from tests.smoke.compose import Project, SmokeFailure, create_project, wait_until

_ANALYZERS = 3
_UP_TIMEOUT = 240.0
_LOGGED_SERVICES = (
    "setup",
    "api",
    "analysis-service",
    "analyzer",
    "sink",
    "scheduler",
    "feed",
    "prices",
    "simulator",
    "traefik",
)
_END_TIMEOUT = 300.0


def main() -> int:
    started_at = time.monotonic()
    passed = 0
    with create_project(*sys.argv[1:2]) as running:
        report(started_at, f"image: {running.image}")
        for step in STEPS:
            try:
                result = step(running)
            except Exception as error:  # noqa: BLE001 - every error is reported with the logs, before these are removed
                report(started_at, f"FAILED {step.__name__}: {type(error).__name__}: {error}")
                report(started_at, running.run("ps", "-a", check=False))
                report(started_at, running.run("logs", "--tail=40", *_LOGGED_SERVICES, check=False)[-15_000:])
                break
            passed += 1
            report(started_at, f"{step.__name__}: {result}")
    failed = len(STEPS) - passed
    print(f"{passed} passed, {failed} failed")  # noqa: T201
    return 1 if failed else 0


def report(started_at: float, text: str) -> None:
    print(f"{time.monotonic() - started_at:6.1f} s  {text}", flush=True)  # noqa: T201


def start_all_services(running: Project) -> str:
    running.run("up", "-d", "--quiet-pull", "--scale", f"analyzer={_ANALYZERS}", timeout=_UP_TIMEOUT)
    wait_until_healthy(running, seconds=120)
    return f"{len(running.containers())} containers"


def wait_until_healthy(running: Project, *, seconds: float) -> None:
    """Wait until all services are healthy and the one-shot ones succeeded. Raises SmokeFailure with the others."""

    def bad() -> list[str]:
        return [
            f"{one['Name']}: {one['State']} {one['Health']}"
            for one in running.containers()
            if not is_healthy(one)
        ]

    try:
        wait_until("all healthy", lambda: not bad(), seconds=seconds)
    except SmokeFailure:
        raise SmokeFailure(f"not healthy: {bad()}") from None


def is_healthy(container: dict[str, Any]) -> bool:
    if container["Service"] in {"setup", "secrets"}:
        return container["State"] == "exited" and container["ExitCode"] == 0
    return container["State"] == "running" and container["Health"] == "healthy"


def wait_for_scheduled_levels(running: Project) -> str:
    """Wait for results of the scheduler's watchlist, without a request."""

    def rows() -> Any:
        answer = httpx.get(f"{running.web}/api/v1/analysis/results", timeout=10, trust_env=False)
        return answer.raise_for_status().json()["data"]

    wait_until("a market with levels", lambda: any(row["support_levels"] for row in rows()), seconds=120)
    return f"{len(rows())} rows on the first page"


def check_network_access(running: Project) -> str:
    tried = walls.check_refused_paths(running)
    walls.check_published_ports(running)
    walls.check_traefik_network(running)
    walls.check_image(running)
    return f"{tried} requests refused"


def call_analysis_service(running: Project) -> str:
    return walls.check_analysis_service(running)


def survive_analyzer_and_kafka_crash(running: Project) -> str:
    analyzer = f"{running.name}-analyzer-2"
    kafka = f"{running.name}-kafka-1"
    deaths: dict[int, Callable[[], None]] = {
        150: lambda: running.crash(analyzer),
        300: lambda: running.crash(kafka),
    }
    sent = asyncio.run(load.send_all(running.web, deaths))
    ends = asyncio.run(load.wait_until_all_ended(running.web, sent, seconds=_END_TIMEOUT))
    for container in (analyzer, kafka):
        if running.restarts(container) != 1:
            raise SmokeFailure(f"{container} was restarted {running.restarts(container)} times, not once")
    if set(ends) != {"completed"}:
        raise SmokeFailure(f"not all completed: {dict(ends)}")
    wait_until_healthy(running, seconds=120)
    return f"{ends.total()} requests: {dict(ends)}"


def fire_a_watch(running: Project) -> str:
    return watch.check_watch_fires(running)


def check_prometheus(running: Project) -> str:
    up = monitoring.check_targets(running.prometheus, analyzers=_ANALYZERS)
    return f"{up}; {monitoring.check_rules(running.prometheus)}"


def check_dashboards(running: Project) -> str:
    return monitoring.check_dashboards(running.prometheus)


STEPS: tuple[Callable[[Project], str], ...] = (
    start_all_services,
    wait_for_scheduled_levels,
    check_network_access,
    call_analysis_service,
    survive_analyzer_and_kafka_crash,
    fire_a_watch,
    check_prometheus,
    check_dashboards,
)


if __name__ == "__main__":
    sys.exit(main())
