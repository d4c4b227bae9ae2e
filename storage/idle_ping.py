"""Pings a pooled connection before its use only where it was idle, instead of before every use."""

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

MAX_IDLE_SECONDS = 1.0
"""A connection that died within it fails the next statement, which a read repeats."""

_USED_AT = "strandline_used_at"


def ping_idle_connections(engine: Engine) -> None:
    """Make `engine`, which has no pings of its own, replace connections that have died while they were idle."""
    dialect = engine.dialect

    def note_use(_: Any, record: Any) -> None:
        record.info[_USED_AT] = time.monotonic()

    def check(connection: Any, record: Any, _: Any) -> None:
        used_at = record.info.get(_USED_AT)
        if used_at is None or time.monotonic() - used_at < MAX_IDLE_SECONDS:
            return
        try:
            dialect.do_ping(connection)
        except Exception as error:  # drivers raise errors of their own classes; is_disconnect decides
            if not dialect.is_disconnect(error, connection, None):  # type: ignore[arg-type]
                raise
            raise DisconnectionError("the connection has died") from error

    event.listen(engine, "checkin", note_use)
    event.listen(engine, "checkout", check)
