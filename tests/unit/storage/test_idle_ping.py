"""Connections that have died while idle are replaced, and busy ones are not pinged."""

from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import QueuePool

from storage import idle_ping


class Server:
    """A server that answers pings until it is `away`."""

    def __init__(self) -> None:
        self.pings = 0
        self.away = False


@pytest.mark.parametrize(("idle", "pings"), [(0.5, 0), (1.5, 1)])
def test_only_idle_connections_are_pinged(monkeypatch: pytest.MonkeyPatch, idle: float, pings: int) -> None:
    server, now = Server(), 100.0
    monkeypatch.setattr(idle_ping.time, "monotonic", lambda: now)
    engine = create_engine("sqlite://", poolclass=QueuePool)

    def ping(_: Any) -> bool:
        server.pings += 1
        if server.away:
            raise engine.dialect.loaded_dbapi.OperationalError("gone")
        return True

    monkeypatch.setattr(engine.dialect, "do_ping", ping)
    monkeypatch.setattr(engine.dialect, "is_disconnect", lambda *_: True)
    idle_ping.ping_idle_connections(engine)
    with engine.connect() as connection:
        first = connection.connection.dbapi_connection
    now += idle
    with engine.connect() as connection:
        assert connection.connection.dbapi_connection is first
    assert server.pings == pings
    server.away = True
    now += idle
    with engine.connect() as connection:
        assert (connection.connection.dbapi_connection is first) == (pings == 0)
        assert connection.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()
