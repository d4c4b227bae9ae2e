"""Walks through all results, with renewals and new markets between any two steps."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from api.results.queries import ResultFilter, list_results_after
from schemas.tables import analysis_results, metadata
from storage.database import open_database
from tests.unit.api.fakes import NOW, put_result

STEPS = st.lists(st.tuples(st.lists(st.integers(0, 8), max_size=4), st.booleans()), max_size=6)


@given(count=st.integers(0, 9), size=st.integers(1, 4), steps=STEPS)
@settings(max_examples=25, deadline=None)
def test_walk_lists_every_result_once_whatever_is_renewed(
    tmp_path_factory: Any, count: int, size: int, steps: list[tuple[list[int], bool]]
) -> None:
    seen, known_before = asyncio.run(_walk(tmp_path_factory.mktemp("walk"), count, size, steps))
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen)
    assert set(known_before) <= set(seen)


async def _walk(
    folder: Path, count: int, size: int, steps: list[tuple[list[int], bool]]
) -> tuple[list[int], list[int]]:
    engine = open_database(f"sqlite+aiosqlite:///{folder}/walk.db")
    try:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        ids = [await put_result(engine, f"C{number}USDT") for number in range(count)]
        seen: list[int] = []
        changes = iter(steps)
        while True:
            rows, _ = await list_results_after(engine, ResultFilter(), seen[-1] if seen else 0, limit=size)
            if not rows:
                return seen, ids
            seen += [row["id"] for row in rows]
            renewed, adds = next(changes, ([], False))
            if adds:
                await put_result(engine, f"NEW{len(seen)}USDT")
            async with engine.begin() as connection:
                await connection.execute(
                    update(analysis_results)
                    .where(analysis_results.c.id.in_([ids[n] for n in renewed if n < count]))
                    .values(updated_at=NOW.replace(tzinfo=None) + timedelta(minutes=len(seen)))
                )
    finally:
        await engine.dispose()
