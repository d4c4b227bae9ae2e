"""Every role, as a process of its own, exports its spans under its own name."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from producers import role_process
from runtime import logging
from runtime.settings import Settings

ROLES = {
    "analyzer": "consumers.analyzer.__main__",
    "sink": "consumers.sink.__main__",
    "tracker": "consumers.tracker.__main__",
    "watcher": "consumers.watcher.__main__",
    "notifier": "consumers.notifier.__main__",
    "feed": "producers.feed.__main__",
    "prices": "producers.prices.__main__",
    "scheduler": "producers.scheduler.__main__",
}


def remembering(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Under which names `module` exports; and `run` when it comes to work."""
    seen: list[str] = []

    @contextmanager
    def export_traces(settings: Settings, role: str) -> Iterator[None]:
        seen.append(role)
        yield

    async def run(*args: Any) -> None:
        seen.append("run")

    monkeypatch.setattr(logging, "configure", lambda settings: None)
    monkeypatch.setattr(role_process, "export_traces", export_traces)
    monkeypatch.setattr(module, "run", run)
    return seen


@pytest.mark.parametrize("role", ROLES)
async def test_role_exports_spans_under_its_name(
    role: str, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(ROLES[role])
    seen = remembering(module, monkeypatch)
    settings = Settings(
        _env_file=None,
        kafka_bootstrap="127.0.0.1:9",
        database_url=sqlite_url,
        watchlist="binance:spot:BTCUSDT:1h",
    )
    await module.main(settings)
    assert seen == [role, "run"]
