"""The response cache: never older than the last commit, and harmless without Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from consumers.sink.invalidation import CacheInvalidation
from runtime.best_effort_redis import BACKOFF_SECONDS, CALL_TIMEOUT
from runtime.clock import SystemClock
from storage.response_cache import LIST_SCOPE, ResponseCache, row_scope, valid_answer
from tests.support.clock import ManualClock
from tests.support.containers import find_free_port
from tests.support.deadlines import within
from tests.support.refusing_redis import REFUSALS, Refusal, full_redis

ROW = row_scope(7)


class Table:
    """A database with one value; `reads` counts the calls."""

    def __init__(self) -> None:
        self.value = b"old"
        self.reads = 0
        self.gate: asyncio.Event | None = None

    async def read(self) -> bytes:
        self.reads += 1
        answer = self.value
        if self.gate is not None:
            await self.gate.wait()
        return answer


@pytest.fixture
async def cache(redis_url: str) -> AsyncIterator[ResponseCache]:
    cache = ResponseCache.from_url(redis_url, ManualClock(), 300)
    try:
        yield cache
    finally:
        await cache.close()


async def test_response_cache_reads_once_until_invalidated(cache: ResponseCache) -> None:
    table = Table()
    for _ in range(3):
        assert await cache.get_or_compute(ROW, "detail", table.read) == b"old"
    assert table.reads == 1
    table.value = b"new"
    assert await cache.invalidate_scopes([ROW])
    assert await cache.get_or_compute(ROW, "detail", table.read) == b"new"
    assert table.reads == 2


async def test_response_cache_separates_scopes_and_names(cache: ResponseCache) -> None:
    one, two, three = Table(), Table(), Table()
    one.value, two.value, three.value = b"1", b"2", b"3"
    asked = [(ROW, "a", one), (ROW, "b", two), (LIST_SCOPE, "a", three)]
    for _ in range(2):
        assert [await cache.get_or_compute(scope, what, of.read) for scope, what, of in asked] == [
            b"1",
            b"2",
            b"3",
        ]
    await cache.invalidate_scopes([ROW])
    for scope, what, of in asked:
        await cache.get_or_compute(scope, what, of.read)
    assert (one.reads, two.reads, three.reads) == (2, 2, 1)


async def test_response_cache_ignores_answer_read_before_commit(cache: ResponseCache) -> None:
    table = Table()
    table.gate = asyncio.Event()
    reading = asyncio.create_task(cache.get_or_compute(ROW, "detail", table.read))
    while not table.reads:  # noqa: ASYNC110 - it offers no event
        await asyncio.sleep(0)
    table.value = b"new"
    await cache.lock_scopes([ROW])
    await cache.invalidate_scopes([ROW])
    table.gate.set()
    assert await within(reading) == b"old"
    assert await cache.get_or_compute(ROW, "detail", table.read) == b"new"


async def test_response_cache_bypasses_locked_scope(cache: ResponseCache) -> None:
    table = Table()
    await cache.get_or_compute(ROW, "detail", table.read)
    await cache.lock_scopes([ROW])
    for value in (b"old", b"new"):
        table.value = value
        assert await cache.get_or_compute(ROW, "detail", table.read) == value
    await cache.invalidate_scopes([ROW])
    table.value = b"newer"
    assert await cache.get_or_compute(ROW, "detail", table.read) == b"newer"


async def test_response_cache_versions_outlive_answers(cache: ResponseCache, redis_url: str) -> None:
    await cache.invalidate_scopes([ROW, LIST_SCOPE])
    await cache.get_or_compute(ROW, "detail", Table().read)
    async with Redis.from_url(redis_url) as redis:
        left = {key: await redis.pttl(key) for key in await redis.keys("*")}
    answers = [ms for key, ms in left.items() if b"answer" in key]
    versions = [ms for key, ms in left.items() if b"version" in key]
    assert len(answers) == 1
    assert len(versions) == 2
    assert 0 < max(answers) <= 300_000
    assert min(versions) > 600_000


async def test_response_cache_reads_database_without_redis() -> None:
    clock, table = ManualClock(), Table()
    cache = ResponseCache.from_url(f"redis://127.0.0.1:{find_free_port()}/0", clock, 300)
    try:
        async with asyncio.timeout(5):
            assert await cache.get_or_compute(ROW, "detail", table.read) == b"old"
            assert not await cache.invalidate_scopes([ROW])
            assert not await cache.lock_scopes([ROW])
            assert await cache.get_or_compute(ROW, "detail", table.read) == b"old"
    finally:
        await cache.close()
    assert table.reads == 2


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_response_cache_returns_no_replaced_answer_while_redis_refuses_writes(
    redis_url: str, refusal: Refusal
) -> None:
    table = Table()
    sink = ResponseCache.from_url(redis_url, ManualClock(), 300)
    invalidation = CacheInvalidation(sink, SystemClock())
    readers = [ResponseCache.from_url(redis_url, ManualClock(), 300) for _ in range(2)]
    async with Redis.from_url(redis_url) as redis:
        try:
            assert await readers[0].get_or_compute(row_scope(7), "detail", table.read) == b"old"
            assert await readers[1].get_or_compute(row_scope(7), "detail", table.read) == b"old"
            assert table.reads == 1
            async with refusal(redis):
                await invalidation.mark_busy([7])
                table.value = b"new"
                invalidation.mark_changed([7])
                for reader in readers:
                    assert await reader.get_or_compute(row_scope(7), "detail", table.read) == b"new"
                assert not await invalidation.flush()
            # It accepts writes again, and no version was written yet.
            fresh = ResponseCache.from_url(redis_url, ManualClock(), 300)
            readers.append(fresh)
            assert await fresh.get_or_compute(row_scope(7), "detail", table.read) == b"new"
        finally:
            for cache in (sink, *readers):
                await cache.close()


@pytest.mark.own_redis
async def test_response_cache_drops_all_answers_when_a_full_redis_refuses_a_lock(
    cache: ResponseCache, redis_url: str
) -> None:
    table = Table()
    await cache.get_or_compute(ROW, "detail", table.read)
    async with Redis.from_url(redis_url) as redis:
        async with full_redis(redis):
            assert await cache.lock_scopes([ROW])
            assert not await cache.invalidate_scopes([ROW])
        await cache.get_or_compute(ROW, "detail", table.read)
    assert table.reads == 2


async def test_response_cache_keeps_answers_while_it_is_read(cache: ResponseCache, redis_url: str) -> None:
    table = Table()
    async with Redis.from_url(redis_url) as redis:
        for _ in range(3):
            await cache.get_or_compute(ROW, "detail", table.read)
            assert await redis.pexpire("strandline:{cache}:lease", 100)
        await cache.get_or_compute(ROW, "detail", table.read)
        assert 1_900 < await redis.pttl("strandline:{cache}:lease") <= 2_000
    assert table.reads == 1


async def test_response_cache_waits_once_for_hanging_redis() -> None:
    asked = 0
    hung = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await hung.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    clock, table = ManualClock(), Table()
    cache = ResponseCache.from_url(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0", clock, 300)
    try:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for _ in range(20):
            assert await cache.get_or_compute(ROW, "detail", table.read) == b"old"
        assert loop.time() - began < 10 * CALL_TIMEOUT
        first = asked
        await clock.advance(BACKOFF_SECONDS)
        await cache.get_or_compute(ROW, "detail", table.read)
        assert asked > first
    finally:
        hung.set()
        await cache.close()
        server.close()


@pytest.mark.parametrize(
    ("version", "kept", "answer"),
    [
        (b"", None, None),
        (b"", b"\n{}", b"{}"),
        (b"v", b"v\n{}\n", b"{}\n"),
        (b"v", b"w\n{}", None),
        (b"v", b"\n{}", None),
        (b"", b"v\n{}", None),
        (b"busy:v", b"busy:v\n{}", None),
    ],
)
def test_valid_answer_requires_current_version(
    version: bytes, kept: bytes | None, answer: bytes | None
) -> None:
    assert valid_answer(version, kept) == answer
