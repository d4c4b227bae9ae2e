"""ETag, If-None-Match and HEAD."""

import gzip

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from api.http.conditional import make_tag, matches_tag
from broker.memory.broker import MemoryBroker
from tests.unit.api.fakes import client_of, dependencies, put_job, put_result

READS = (
    "/health",
    "/api/v1/analysis/results",
    "/api/v1/analysis/results?include=levels",
    "/api/v1/analysis/1",
    "/api/v1/analysis/1/history",
    "/api/v1/analysis/by-market/binance:spot:BTCUSDT:1h",
    "/api/v1/exchanges",
    "/api/v1/fires",
    "/api/v1/jobs",
    "/api/v1/jobs/my-7",
    "/api/v1/klines?symbol=BTCUSDT&exchange=binance",
    "/api/v1/markets",
    "/api/v1/watches",
    "/results",
    "/openapi.json",
)


@pytest.mark.parametrize(
    ("header", "matches"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", W/"a"', True),
        (' "b" ,"a"', True),
        ("*", True),
        ("a", False),
        ('"A"', False),
        ('"b"', False),
        ("", False),
    ],
)
def test_tags_are_compared_weakly(header: str, matches: bool) -> None:
    assert matches_tag(header, 'W/"a"') is matches
    assert matches_tag(header, '"a"') is matches


def test_tag_follows_from_the_body_alone() -> None:
    assert make_tag(b"one") == make_tag(b"one") != make_tag(b"two")
    assert matches_tag(make_tag(b"one"), make_tag(b"one"))


@pytest.mark.parametrize("path", READS)
async def test_read_is_conditional_and_has_a_head(
    client: AsyncClient, engine: AsyncEngine, path: str
) -> None:
    await put_result(engine, "BTCUSDT")
    await put_job(engine, "my-7")
    await client.get(path)  # candles of a chart say whether they came from a cache
    whole = await client.get(path)
    assert whole.status_code == 200, whole.text
    tag = whole.headers["etag"]
    same = await client.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in same.headers
    other = await client.get(path, headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, whole.content)
    head = await client.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert head.headers["content-type"] == whole.headers["content-type"]


async def test_tag_changes_with_the_row(client: AsyncClient, engine: AsyncEngine) -> None:
    await put_result(engine, "BTCUSDT")
    before = (await client.get("/results")).headers["etag"]
    await put_result(engine, "ETHUSDT")
    answer = await client.get("/results", headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert answer.headers["etag"] != before


async def test_compressed_body_has_the_same_tag(client: AsyncClient) -> None:
    path = "/openapi.json"
    plain = await client.get(path, headers={"Accept-Encoding": "identity"})
    packed = await client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["etag"] == plain.headers["etag"]
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert len(gzip.compress(plain.content)) < len(plain.content) / 4


async def test_not_modified_is_counted_and_has_security_headers(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    async with client_of(dependencies(engine, broker=broker, rate_limit=2)) as client:
        tag = (await client.get("/results")).headers["etag"]
        same = await client.get("/results", headers={"If-None-Match": tag})
        assert same.status_code == 304
        assert same.headers["x-content-type-options"] == "nosniff"
        assert '"requests";r=0' in same.headers["ratelimit"]
        assert (await client.get("/results", headers={"If-None-Match": tag})).status_code == 429


async def test_errors_and_writes_have_no_tag(client: AsyncClient) -> None:
    missing = await client.get("/api/v1/analysis/7")
    assert (missing.status_code, "etag" in missing.headers) == (404, False)
    head = await client.head("/api/v1/analysis/7")
    assert (head.status_code, head.content) == (404, b"")
    written = await client.post("/analyze", json={"symbol": "BTCUSDT"}, headers={"If-None-Match": "*"})
    assert (written.status_code, "etag" in written.headers) == (200, False)


async def test_method_without_a_route_names_head(client: AsyncClient) -> None:
    refused = await client.put("/api/v1/jobs")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
