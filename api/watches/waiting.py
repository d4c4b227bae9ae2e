"""Waits until a watch has fired, by reading its fires: any process may record them."""

from api.http.dependencies import Dependencies
from api.watches import queries
from schemas.records import FireRecord

MAX_WAIT = 60.0
_PAUSE = 0.3


async def wait_for_fires(
    deps: Dependencies, watch_id: str, after: str | None, *, limit: int, seconds: float
) -> list[FireRecord]:
    """Return the fires after the one with the id `after`, newest first, as soon as there are any; else none.

    Raises Transient while the database is away.
    """
    deadline = deps.clock.monotonic() + seconds
    while True:
        records = await queries.list_fires(deps.engine, watch_id, limit=limit)
        newer = select_newer(records, after)
        left = deadline - deps.clock.monotonic()
        if newer or left <= 0:
            return newer
        await deps.clock.sleep(min(_PAUSE, left))


def select_newer(records: list[FireRecord], after: str | None) -> list[FireRecord]:
    """Return the records before the one with the id `after`; all of them without it."""
    ids = [record["fire_id"] for record in records]
    return records[: ids.index(after)] if after in ids else records
