"""The notifier's targets on SQLite, beside other writers."""

import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event

from schemas.tables import metadata
from storage.database import open_database
from storage.notification_targets import TargetName, list_targets, register_targets

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
RIVAL = (
    "INSERT INTO notification_targets (name, kind, seen_at) VALUES ('rival', 'fake', '2026-11-28 12:00:00')"
)


async def test_register_targets_while_another_connection_writes(tmp_path: Path) -> None:
    """What is read is the base of what is written: a rival's write in between waits, and does not fail ours."""
    file = tmp_path / "strandline.db"
    engine = open_database(f"sqlite+aiosqlite:///{file}")
    try:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)

        def write_rival(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if not statement.startswith("SELECT"):
                return
            with suppress(sqlite3.OperationalError), closing(sqlite3.connect(file, timeout=0)) as rival:
                rival.execute(RIVAL)
                rival.commit()

        event.listen(engine.sync_engine, "after_cursor_execute", write_rival)
        await register_targets(engine, [TargetName("webhook 1", "webhook")], NOW)
        event.remove(engine.sync_engine, "after_cursor_execute", write_rival)
        assert [target["name"] for target in await list_targets(engine)] == ["webhook 1"]
    finally:
        await engine.dispose()
