"""`GET /api/v1/jobs?ids=`: the named jobs in one call."""

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.http.jobs import MAX_BATCH
from tests.unit.api.fakes import put_job

PATH = "/api/v1/jobs"


async def test_named_jobs_are_listed_in_the_order_of_their_ids(
    engine: AsyncEngine, client: AsyncClient
) -> None:
    for name in ("a", "b", "c"):
        await put_job(engine, name, status="completed")
    answer = await client.get(PATH, params={"ids": "c, a,unknown,a"})
    assert [job["request_id"] for job in answer.json()["data"]] == ["c", "a"]


async def test_named_jobs_are_none_for_no_known_id(client: AsyncClient) -> None:
    assert (await client.get(PATH, params={"ids": "x"})).json() == {"data": []}
    assert (await client.get(PATH, params={"ids": ","})).json() == {"data": []}


@pytest.mark.parametrize(
    ("params", "word"),
    [
        ({"ids": "a b"}, "'a b'"),
        ({"ids": "a", "status": "queued"}, "combined"),
        ({"ids": "a", "limit": 3}, "combined"),
        ({"ids": ",".join(str(number) for number in range(MAX_BATCH + 1))}, "at most 500"),
    ],
)
async def test_named_jobs_refuse_invalid_ids(client: AsyncClient, params: dict[str, str], word: str) -> None:
    answer = await client.get(PATH, params=params)
    assert answer.status_code == 422
    assert word in answer.json()["detail"]
