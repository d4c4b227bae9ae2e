"""Kafka, MySQL and Redis for the tests: a given one, else a container, else none (and then it says why).

Containers start on first use, live as long as the session, and are removed with it.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import cached_property
from typing import NoReturn
from urllib.parse import urlsplit

import pytest

from tests.support import containers

STARTERS: Mapping[str, Callable[[ExitStack], str]] = {
    "kafka": containers.start_kafka,
    "mysql": containers.start_mysql,
    "redis": containers.start_redis,
}
SUBSTITUTES = {"kafka": "the in-process broker", "mysql": "SQLite", "redis": "no cache"}
REQUIRABLE = (*STARTERS, "chromium", "faketime")


class Services:
    """Where each service is (`address`), and whether its absence skips a test or fails it."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._stack = ExitStack()
        self._addresses: dict[str, str] = {}
        self.required = _parse_required(environ.get("STRANDLINE_TEST_REQUIRE", ""))

    @cached_property
    def _no_engine(self) -> str | None:
        return containers.missing_engine_reason()

    def _given(self, name: str) -> str | None:
        return self._environ.get(f"STRANDLINE_TEST_{name.upper()}") or None

    def why_no_container(self) -> str | None:
        """None where containers can be started, for a test that needs a service it may break."""
        return self._no_engine

    def why_absent(self, name: str) -> str | None:
        """None where the service is there or can be started."""
        if self._given(name) or self._no_engine is None:
            return None
        return f"STRANDLINE_TEST_{name.upper()} is not set, and {self._no_engine}"

    def address(self, name: str) -> str:
        """Start it if need be. Skips the test where the service is absent; fails it where it is required."""
        if name not in self._addresses:
            if reason := self.why_absent(name):
                self.absent(name, reason)
            self._addresses[name] = self._given(name) or self._start(name)
        return self._addresses[name]

    def started(self) -> Mapping[str, str]:
        """Start what can be had; gives the settings by which another process finds it."""
        found = {}
        for name in STARTERS:
            # What can't be started is told by the tests that need it.
            with suppress(containers.ImageMissingError):
                if self.why_absent(name) is None:
                    found[f"STRANDLINE_TEST_{name.upper()}"] = self._given(name) or self._started(name)
        return found

    def _started(self, name: str) -> str:
        if name not in self._addresses:
            self._addresses[name] = STARTERS[name](self._stack)
        return self._addresses[name]

    def _start(self, name: str) -> str:
        try:
            return self._started(name)
        except containers.ImageMissingError as error:
            self.absent(name, str(error))

    def absent(self, name: str, reason: str) -> NoReturn:
        """End the test that needs `name`: a failure where STRANDLINE_TEST_REQUIRE names it, else a skip."""
        if name in self.required:
            pytest.fail(f"{name} is required (STRANDLINE_TEST_REQUIRE) but absent: {reason}", pytrace=False)
        pytest.skip(f"needs {name}: {reason}")

    def header(self) -> list[str]:
        """A line per service for the head of the run."""
        return [f"{name}: {self._described(name)}" for name in STARTERS]

    def _described(self, name: str) -> str:
        demand = " (required)" if name in self.required else ""
        if self._given(name):
            return f"given by STRANDLINE_TEST_{name.upper()}{demand}"
        if reason := self.why_absent(name):
            return f"absent{demand}, {SUBSTITUTES[name]} stands in: {reason}"
        return f"a container of {containers.IMAGES[name]}{demand}"

    def close(self) -> None:
        self._stack.close()


def worker_redis_url(redis: str) -> str:
    """`redis://...` with a database for each worker of pytest-xdist, for tests empty the one they are given."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    return urlsplit(redis)._replace(path=f"/{int(worker) + 1}").geturl() if worker else redis


def _parse_required(names: str) -> frozenset[str]:
    wanted = frozenset(name.strip() for name in names.split(",") if name.strip())
    if unknown := wanted - set(REQUIRABLE):
        raise pytest.UsageError(
            f"STRANDLINE_TEST_REQUIRE: {', '.join(sorted(unknown))} not among {REQUIRABLE}"
        )
    return wanted
