"""`strandline dead-letters`: what it shows, publishes and deletes, with the broker at hand and by way of the API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner, Result

from api.app import create_app
from broker.dead_letters.message import build_dead_letter, drop_value
from broker.dead_letters.reading import read_dead_letters
from broker.dead_letters.store import BrokerDeadLetterStore, DeadLetterStore
from broker.memory.broker import MemoryBroker
from broker.ports import Message
from runtime.settings import Settings
from schemas.topics import DEAD_LETTERS, REQUESTS, TOPICS
from storage.database import open_database
from strandline.api_client import ApiClient
from strandline.commands import app
from strandline.dead_letters import command as dead_letters
from strandline.dead_letters.remote import RemoteDeadLetterStore
from tests.support.events import make_record
from tests.unit.api.fakes import dependencies

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Post:
    """A broker that outlives each command's event loop."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.broker = MemoryBroker()
        self._engine = engine

    @asynccontextmanager
    async def in_process(self, _settings: Settings, _api: str | None) -> AsyncIterator[DeadLetterStore]:
        yield BrokerDeadLetterStore(self.broker)

    @asynccontextmanager
    async def over_http(self, settings: Settings, api: str | None) -> AsyncIterator[DeadLetterStore]:
        deps = dependencies(self._engine, broker=self.broker, api_keys="secret")
        async with ApiClient("http://api", SecretStr("secret")) as client:
            transport = httpx.ASGITransport(create_app(deps), raise_app_exceptions=False)
            headers = client._http.headers
            client._http = httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers)
            yield RemoteDeadLetterStore(client)

    def publish(self, *messages: Message) -> None:
        async def all_of_them() -> None:
            for message in messages:
                await self.broker.publish(message)

        asyncio.run(all_of_them())

    def on(self, topic: str) -> list[bytes | None]:
        async def read() -> list[bytes | None]:
            return [letter.record.value async for letter in read_dead_letters(self.broker, topic=topic)]

        return asyncio.run(read())


def letter(value: bytes, key: bytes = b"k") -> Message:
    return build_dead_letter(make_record(REQUESTS.name, value, key=key), "no JSON at character 1", NOON)


@pytest.fixture(params=["in_process", "over_http"])
def post(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> Post:
    post = Post(open_database(sqlite_url))
    asyncio.run(post.broker.create_topics(TOPICS, partitions=1, replication=1))
    monkeypatch.setattr(dead_letters, "_open_store", getattr(post, request.param))
    return post


def run(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["dead-letters", *arguments], input=answer)


def test_list_shows_source_and_error_of_each_letter(post: Post) -> None:
    post.publish(letter(b"{1"), letter(b"\x1b[31m\xff{2[bold]"), letter(b"x" * 100))
    shown = run("list").output
    for text in ("0:0", "0:2", "strandline.requests.v1/0@", "2026-11-22T12:00:00", "no JSON", "{1"):
        assert text in shown
    assert r"\x1b[31m\xff{2[bold]" in shown
    assert "3 dead letters" in shown
    short = run("list", "-n", "1").output
    assert "0:2" in short
    assert "0:1" not in short
    assert "3 dead letters, the newest 1 shown" in short


def test_list_of_no_letters_is_empty(post: Post) -> None:
    assert run("list").output == "0 dead letters\n"


def test_show_prints_a_letter_whole_or_raw(post: Post) -> None:
    post.publish(letter(b"{1"), letter(b"\x00\xff" * 80))
    shown = run("show", "0:1").output
    assert r"value: \x00\xff\x00" in shown
    assert "header strandline_dl_error: no JSON at character 1" in shown
    assert run("show", "0:1", "--raw").stdout_bytes == b"\x00\xff" * 80


def test_replay_publishes_one_or_all_and_keeps_them(post: Post) -> None:
    post.publish(letter(b"{1"), letter(b"{2"))
    assert "1 published again" in run("replay", "0:1").output
    assert post.on(REQUESTS.name) == [b"{2"]
    assert "2 published again" in run("replay", "--all").output
    assert post.on(REQUESTS.name) == [b"{2", b"{1", b"{2"]
    assert len(post.on(DEAD_LETTERS.name)) == 2


def test_replay_reports_letters_it_cannot_publish(post: Post) -> None:
    post.publish(Message(DEAD_LETTERS.name, None, b"foreign"), drop_value(letter(b"big")), letter(b"{1"))
    answer = run("replay", "--all")
    assert answer.exit_code == 1
    assert "0:0 does not name its source topic" in answer.output
    assert "1 published again" in answer.output
    assert post.on(REQUESTS.name) == [b"{1"]


def test_drop_deletes_older_letters_too_after_confirmation(post: Post) -> None:
    post.publish(*(letter(b"{%d" % n) for n in range(4)))
    refused = run("drop", "0:2", answer="n\n")
    assert "3 dead letters (0:0 to 0:2) will be deleted for good" in refused.output
    assert (refused.exit_code, len(post.on(DEAD_LETTERS.name))) == (1, 4)
    assert run("drop", "0:2", answer="y\n").exit_code == 0
    assert post.on(DEAD_LETTERS.name) == [b"{3"]
    assert "1 dead letter (0:3 to 0:3) deleted" in run("drop", "--all", "--yes").output
    assert post.on(DEAD_LETTERS.name) == []
    assert run("drop", "--all").output == "nothing to drop\n"


@pytest.mark.parametrize("arguments", [("show", "x"), ("replay",), ("replay", "0:1", "--all"), ("drop",)])
def test_dead_letters_refuses_invalid_arguments(post: Post, arguments: tuple[str, ...]) -> None:
    post.publish(letter(b"{1"), letter(b"{2"))
    assert run(*arguments).exit_code == 2
    assert (post.on(REQUESTS.name), len(post.on(DEAD_LETTERS.name))) == ([], 2)


@pytest.mark.parametrize("arguments", [("show", "0:9"), ("replay", "0:9"), ("drop", "0:9", "--yes")])
def test_dead_letters_reports_an_address_without_a_letter(post: Post, arguments: tuple[str, ...]) -> None:
    post.publish(letter(b"{1"))
    answer = run(*arguments)
    assert answer.exit_code == 1
    assert "no dead letter at 0:9" in str(answer.exception)
    assert post.on(DEAD_LETTERS.name) == [b"{1"]


def test_dead_letters_without_kafka_uses_the_api_or_reports_it_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("STRANDLINE_KAFKA_BOOTSTRAP", raising=False)
    monkeypatch.setenv("STRANDLINE_HTTP_PORT", "1")
    assert "no API answers at http://127.0.0.1:1" in str(run("list").exception)
