"""Dead letters over HTTP: keys, contents, replay and deletion."""

from base64 import b64decode
from datetime import UTC, datetime

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.dead_letters.message import build_dead_letter
from broker.memory.broker import MemoryBroker
from schemas.topics import REQUESTS
from tests.support.events import make_record
from tests.unit.api.fakes import client_of, dependencies

PATH = "/api/v1/dead-letters"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
async def addresses(broker: MemoryBroker) -> list[str]:
    """Publish three dead letters to one partition; the last is long."""
    records = [
        await broker.publish(
            build_dead_letter(make_record(REQUESTS.name, value, key=b"k\xff"), "no JSON", NOON)
        )
        for value in (b"{0", b"\xff\x00", b"x" * 1_000)
    ]
    return [f"{record.partition}:{record.offset}" for record in records]


async def test_dead_letter_list_shows_headers_and_truncated_values(
    client: AsyncClient, addresses: list[str]
) -> None:
    body = (await client.get(PATH)).json()
    assert [letter["address"] for letter in body["data"]] == addresses
    assert body["total"] == 3
    _, odd, long = body["data"]
    assert {name: odd[name] for name in ("topic", "error", "time", "value_bytes")} == {
        "topic": "strandline.requests.v1",
        "error": "no JSON",
        "time": "2026-11-22T12:00:00.000Z",
        "value_bytes": 2,
    }
    assert (b64decode(odd["key"]), b64decode(odd["value"])) == (b"k\xff", b"\xff\x00")
    assert (len(b64decode(long["value"])), long["value_bytes"]) == (256, 1_000)
    whole = (await client.get(f"{PATH}/{addresses[2]}")).json()["data"]
    assert b64decode(whole["value"]) == b"x" * 1_000
    assert {header["name"] for header in whole["headers"]} >= {"strandline_dl_error"}
    assert [letter["address"] for letter in (await client.get(PATH, params={"limit": 1})).json()["data"]] == (
        addresses[2:]
    )


async def test_dead_letter_deletion_includes_older_ones_of_the_partition(
    client: AsyncClient, addresses: list[str]
) -> None:
    spans = (await client.get(f"{PATH}/spans", params={"up_to": addresses[1]})).json()["data"]
    assert [(span["last"], span["letters"]) for span in spans] == [(int(addresses[1].partition(":")[2]), 2)]
    assert (await client.delete(PATH, params={"up_to": addresses[1]})).status_code == 204
    assert [letter["address"] for letter in (await client.get(PATH)).json()["data"]] == addresses[2:]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/0:99", 404),
        ("GET", "/99999999999999999999:1", 404),
        ("GET", "/x", 422),
        ("GET", "/spans?up_to=0:99", 404),
        ("POST", "/replay?address=0:99", 404),
        ("POST", "/replay?address=", 422),
        ("DELETE", "", 422),
        ("DELETE", "?up_to=7:0", 404),
        ("DELETE", "?up_to=0:99", 404),
    ],
)
async def test_dead_letter_routes_refuse_unknown_and_invalid_addresses(
    client: AsyncClient, addresses: list[str], method: str, path: str, status: int
) -> None:
    answer = await client.request(method, PATH + path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (await client.get(PATH)).json()["total"] == 3


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "/0:0"), ("GET", "/spans"), ("POST", "/replay"), ("DELETE", "?up_to=0:0")],
)
async def test_dead_letter_routes_need_a_key(
    engine: AsyncEngine, broker: MemoryBroker, method: str, path: str
) -> None:
    async with client_of(dependencies(engine, broker=broker, api_keys="secret")) as client:
        assert (await client.request(method, PATH + path)).status_code == 401
