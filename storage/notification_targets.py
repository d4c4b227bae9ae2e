"""The targets of the notifier as it last reported them, and the tests that users request of them."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.records import TargetRecord, to_record
from schemas.tables import notification_targets
from schemas.values import to_aware_utc, to_naive_utc
from storage.database_errors import translate_errors

_T = notification_targets.c
_TIMEOUT = 10.0
MAX_ERROR = 500
"""Characters of an error that are kept."""


class TargetName(NamedTuple):
    """A target by name, the service behind it, and a hash of its address where it has one."""

    name: str
    kind: str
    address_hash: str | None = None


class TargetTest(NamedTuple):
    """A test that a user requested of a target."""

    name: str
    test_id: str


async def register_targets(
    engine: AsyncEngine, targets: Sequence[TargetName], now: datetime
) -> dict[str, datetime]:
    """Replace the targets by these; those that stay keep what is known of them.

    Return since when some are gone. A target with another address than before is not.
    """
    async with _open_write(engine) as connection:
        columns = select(_T.name, _T.address_hash, _T.gone_at)
        known = {row.name: row for row in await connection.execute(columns)}
        names = [target.name for target in targets]
        await connection.execute(delete(notification_targets).where(_T.name.not_in(names)))
        for target in targets:
            seen = {
                "kind": target.kind,
                "seen_at": to_naive_utc(now),
                "address_hash": target.address_hash,
            }
            if target.name in known:
                if known[target.name].address_hash != target.address_hash:
                    seen |= {"gone_at": None}
                await connection.execute(
                    update(notification_targets).where(_T.name == target.name).values(**seen)
                )
            else:
                await connection.execute(insert(notification_targets).values(name=target.name, **seen))
    return {
        target.name: to_aware_utc(row.gone_at)
        for target in targets
        if (row := known.get(target.name)) and row.gone_at and row.address_hash == target.address_hash
    }


async def find_gone(engine: AsyncEngine, targets: Iterable[TargetName]) -> dict[str, datetime | None]:
    """Return since when the targets are gone, None for those that are not; one with another address is omitted."""
    addresses = {target.name: target.address_hash for target in targets}
    columns = select(_T.name, _T.address_hash, _T.gone_at).where(_T.name.in_(addresses))
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.connect() as connection:
            rows = list(await connection.execute(columns))
    return {
        row.name: to_aware_utc(row.gone_at) if row.gone_at else None
        for row in rows
        if row.address_hash == addresses[row.name]
    }


async def record_gone(engine: AsyncEngine, gone: Mapping[TargetName, datetime | None]) -> None:
    """Record since when targets are gone, None for those that are there again; not for one with another address."""
    async with _open_write(engine) as connection:
        for target, at in sorted(gone.items()):
            is_same = (_T.name == target.name) & (_T.address_hash == target.address_hash)
            values = {"gone_at": to_naive_utc(at) if at else None}
            await connection.execute(update(notification_targets).where(is_same).values(**values))


async def mark_seen(engine: AsyncEngine, names: Collection[str], now: datetime) -> None:
    """Record that the notifier is there."""
    async with _open_write(engine) as connection:
        await connection.execute(
            update(notification_targets).where(_T.name.in_(names)).values(seen_at=to_naive_utc(now))
        )


async def record_outcomes(engine: AsyncEngine, outcomes: Mapping[str, str | None], now: datetime) -> None:
    """Record the last delivery to each target: None, or why it failed."""
    at = to_naive_utc(now)
    async with _open_write(engine) as connection:
        for name, error in sorted(outcomes.items()):
            values = {"error": error[:MAX_ERROR]} if error else {"error": None, "delivered_at": at}
            await connection.execute(update(notification_targets).where(_T.name == name).values(**values))


async def list_targets(engine: AsyncEngine) -> list[TargetRecord]:
    """Return the targets by name. Raises Transient."""
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.connect() as connection:
            rows = await connection.execute(select(notification_targets).order_by(_T.name))
            return [to_record(row, TargetRecord) for row in rows]


async def request_test(engine: AsyncEngine, test: TargetTest) -> bool:
    """Ask the notifier for a test; a later request replaces it. Returns whether there is such a target."""
    values = {"test_id": test.test_id, "test_state": "requested", "test_error": None}
    async with _open_write(engine) as connection:
        statement = update(notification_targets).where(_T.name == test.name).values(**values)
        return (await connection.execute(statement)).rowcount == 1


async def claim_tests(engine: AsyncEngine) -> list[TargetTest]:
    """Return the requested tests; each is returned to one notifier only."""
    if not (tests := await _read_requested(engine)):
        return []  # the usual case, which takes no lock
    async with _open_write(engine) as connection:
        return [test for test in tests if await _move_test(connection, test, "requested", "sending", None)]


async def finish_test(engine: AsyncEngine, test: TargetTest, error: str | None) -> None:
    """Record how a test ended, unless another one was requested since."""
    async with _open_write(engine) as connection:
        await _move_test(connection, test, "sending", "failed" if error else "delivered", error)


async def _read_requested(engine: AsyncEngine) -> list[TargetTest]:
    requested = select(_T.name, _T.test_id).where(_T.test_state == "requested")
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), engine.connect() as connection:
            return [TargetTest(row.name, row.test_id) for row in await connection.execute(requested)]


async def _move_test(
    connection: AsyncConnection, test: TargetTest, before: str, after: str, error: str | None
) -> bool:
    statement = (
        update(notification_targets)
        .where(_T.name == test.name, _T.test_id == test.test_id, _T.test_state == before)
        .values(test_state=after, test_error=error[:MAX_ERROR] if error else None)
    )
    return (await connection.execute(statement)).rowcount == 1


@asynccontextmanager
async def _open_write(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    # SQLite refuses a transaction that reads and then writes where another one wrote in between: so it locks at once.
    locking = engine.execution_options(sqlite_begin="IMMEDIATE")
    with translate_errors():
        async with asyncio.timeout(_TIMEOUT), locking.begin() as connection:
            yield connection
