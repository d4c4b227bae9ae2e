"""What each role loads at its start: a package that it does not use costs CPU and memory in every process."""

import subprocess
import sys

import pytest

HEAVY = {
    "aiohttp",
    "alembic",
    "apprise",
    "fastapi",
    "httpx",
    "matplotlib",
    "mcp",
    "numpy",
    "opentelemetry.sdk",
    "pandas",
    "pyarrow",
    "redis",
    "requests",
    "scipy",
    "sqlalchemy",
    "ccxt.base.exchange",
}
"""Packages that take from 30 ms to a second of CPU to load."""

ALLOWED = {
    "analyzer": {"numpy"},
    "api": {"fastapi", "sqlalchemy"},
    "feed": {"sqlalchemy"},
    "notifier": set[str](),
    "prices": {"sqlalchemy"},
    "scheduler": {"sqlalchemy"},
    "sink": {"sqlalchemy"},
    "tracker": {"sqlalchemy", "numpy"},
    "watcher": {"sqlalchemy"},
}
"""What a role needs before its first record or call; Redis, an exchange and targets load theirs when they are used."""

MODULES = {
    "analyzer": "consumers.analyzer.__main__",
    "api": "api.__main__",
    "feed": "producers.feed.__main__",
    "notifier": "consumers.notifier.__main__",
    "prices": "producers.prices.__main__",
    "scheduler": "producers.scheduler.__main__",
    "sink": "consumers.sink.__main__",
    "tracker": "consumers.tracker.__main__",
    "watcher": "consumers.watcher.__main__",
}


def list_loaded(*modules: str) -> set[str]:
    """Return the heavy packages that a new process has loaded after it imported `modules`."""
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    return HEAVY & set(printed.split())


@pytest.mark.parametrize("role", sorted(MODULES))
def test_role_loads_only_what_it_uses(role: str) -> None:
    loaded = list_loaded("strandline.cli", "strandline.roles", MODULES[role])
    assert loaded <= ALLOWED[role], f"the {role} loads {loaded - ALLOWED[role]}, which its start does not use"


def test_simulator_loads_no_client_of_databases_or_exchanges() -> None:
    assert list_loaded("strandline.cli", "strandline.roles", "simulator") <= {"numpy"}
