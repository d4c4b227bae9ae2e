"""Measure reads of the API: `python -m benchmarks.api_reads`, or `make bench-api`.

The API in a process of its own answers `GET /results`, one result, and a search by a part of a symbol: from Redis, and
without Redis from a table of 3,000 and one of 100,000 rows. The baseline is FastAPI on uvicorn in another process,
which answers constant bytes of the same size. They take turns; the client keeps four connections busy, and accepts no
compression. MySQL and Redis run in containers of their own.

Rates are requests a second, by the clock and by CPU second of the server's process. Exit code 1 when a goal is missed.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy import text

from api.results.symbol_search import SETTLE_SECONDS
from benchmarks.figures import Figure, Round, SectionUnavailableError, compare_rates
from benchmarks.sink import Loads
from consumers.sink.rows import to_payload, to_result_values
from consumers.sink.upsert import upsert_results
from storage.bulk_insert import insert_rows
from storage.database import open_database
from storage.migrations import upgrade
from tests.support import containers
from tests.support.databases import fresh_mysql

ROUNDS = 5
CONNECTIONS = 4
FEW, MANY = 3_000, 100_000
START_SECONDS = 60.0
READ_SYMBOLS_SECONDS = 20.0
MAX_GROWTH = 2.0
"""How much more a read may cost among MANY rows than among FEW."""

_PATHS = {
    "newest": "/results",
    "detail": "/api/v1/analysis/7",
    "search": "/api/v1/analysis/results?symbol=c299",
}
_COPY = text(
    "INSERT INTO analysis_results (exchange, symbol, market_type, timeframe, input_limit, support_levels,"
    " resistance_levels, last_price, created_at, updated_at, levels, candle_at, analyzed_at, request_id, algorithm)"
    " SELECT exchange, CONCAT('D', :number, symbol), market_type, timeframe, input_limit, support_levels,"
    " resistance_levels, last_price, created_at, updated_at, levels, candle_at, analyzed_at, request_id, algorithm"
    " FROM analysis_results WHERE symbol LIKE 'C%' LIMIT :rows"
)


@dataclass(frozen=True)
class Case:
    """One figure: a path of one server, and the least ratio to the baseline."""

    name: str
    server: str
    path: str
    goal: float
    requests: int


CASES = (
    Case("newest results, from Redis", "cached", "newest", 0.6, 400),
    Case("one result, from Redis", "cached", "detail", 0.6, 400),
    Case("newest results, 3,000 rows", "few", "newest", 0.25, 200),
    Case("one result, 3,000 rows", "few", "detail", 0.2, 200),
    Case("search by a part, 3,000 rows", "few", "search", 0.2, 100),
    Case("newest results, 100,000 rows", "many", "newest", 0.125, 200),
    Case("one result, 100,000 rows", "many", "detail", 0.1, 200),
    Case("search by a part, 100,000 rows", "many", "search", 0.1, 20),
)


@dataclass(frozen=True)
class Server:
    """A server in a process of its own."""

    port: int
    pid: int

    def read_cpu_seconds(self) -> float:
        """Return the CPU seconds of the process so far."""
        threads = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9

    async def get(self, path: str, count: int) -> tuple[Round, int]:
        """Request `path` as often, over CONNECTIONS; return the round and the size of the last body."""
        left = iter(range(count))
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        streams = [await asyncio.open_connection("127.0.0.1", self.port) for _ in range(CONNECTIONS)]
        began, cpu_began = time.perf_counter(), self.read_cpu_seconds()
        sizes = await asyncio.gather(*(_request_all(*stream, request, left) for stream in streams))
        timed = Round(count, time.perf_counter() - began, self.read_cpu_seconds() - cpu_began)
        for _, writer in streams:
            writer.close()
        return timed, max(sizes)


async def _request_all(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, left: Iterator[int]
) -> int:
    """Send requests one after the other while there are some left; return the size of the bodies."""
    size = 0
    for _ in left:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        size = int(head.partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
        body = await reader.readexactly(size)
        if not head.startswith(b"http/1.1 200"):
            raise ValueError(f"the server answers {head[:40]!r}: {body[:400]!r}")
    return size


@contextmanager
def start_server(kind: str, **settings: str) -> Iterator[Server]:
    """Run `benchmarks.api_server` until the end of the block, and wait until it listens."""
    port = containers.find_free_port()
    environment = os.environ | {f"STRANDLINE_{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "benchmarks.api_server", kind, str(port)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        _await_port(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _await_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            asyncio.run(Server(port, process.pid).get("/1", 0))
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server did not start on port {port}")


async def fill_table(url: str, rows: int) -> None:
    """Write results of 3,000 markets, and copies of them under other symbols until there are `rows`."""
    await upgrade(url)
    engine = open_database(url)
    events = Loads().make()
    values = [to_result_values(event, to_payload(event), event.analyzed_at) for event in events]
    try:
        async with engine.begin() as connection:
            for start in range(0, len(values), 500):
                await insert_rows(connection, upsert_results("mysql"), values[start : start + 500])
        for number, start in enumerate(range(len(values), rows, len(values))):
            async with engine.begin() as connection:
                await connection.execute(_COPY, {"number": number, "rows": min(len(values), rows - start)})
        async with engine.begin() as connection:
            await connection.execute(text("ANALYZE TABLE analysis_results"))
    finally:
        await engine.dispose()


def run_cases(servers: dict[str, Server], console: Console) -> list[Figure]:
    """Return the figure of each case, its rounds in turns with the baseline's."""
    _await_symbols(servers)
    figures = []
    for case in track(CASES, description="cases", console=console):
        server, path = servers[case.server], _PATHS[case.path]
        _, size = asyncio.run(server.get(path, CONNECTIONS))  # warms up, and fills the cache
        ours, baseline = list[Round](), list[Round]()
        for _ in range(ROUNDS):
            baseline.append(asyncio.run(servers["constant"].get(f"/{size}", 400))[0])
            ours.append(asyncio.run(server.get(path, case.requests))[0])
        figures.append(compare_rates(case.name, "requests/s", ours, baseline, f"{size:,} bytes"))
    return [*figures, *(compare_growth(figures, path) for path in _PATHS)]


def _await_symbols(servers: dict[str, Server]) -> None:
    """Search once, and wait until the servers have read the symbols, as one in use has from its second minute on."""
    for name in ("few", "many"):
        asyncio.run(servers[name].get(_PATHS["search"], 1))
    time.sleep(SETTLE_SECONDS + READ_SYMBOLS_SECONDS)


def compare_growth(figures: Sequence[Figure], path: str) -> Figure:
    """Return how the cost by the clock among MANY rows compares to FEW."""
    few, many = (
        next(
            figure
            for figure, case in zip(figures, CASES, strict=True)
            if (case.server, case.path) == (server, path)
        )
        for server in ("few", "many")
    )
    return Figure(
        f"{path}: 100,000 rows beside 3,000",
        "requests/s",
        many.value,
        few.value,
        many.value / few.value,
        note=f"goal: at least {1 / MAX_GROWTH:g}",
    )


def measure() -> list[Figure]:
    """Return the figures of all cases. Raises SectionUnavailableError without containers."""
    if reason := containers.missing_engine_reason():
        raise SectionUnavailableError(f"needs MySQL and Redis: {reason}")
    console = Console(stderr=True)
    with ExitStack() as stack:
        try:
            server = containers.run_mysql(stack, durable=False).address
            redis = containers.start_redis(stack)
        except containers.ImageMissingError as error:
            raise SectionUnavailableError(str(error)) from error
        urls = {rows: stack.enter_context(fresh_mysql(server)) for rows in (FEW, MANY)}
        for rows, url in track(urls.items(), description="tables", console=console):
            asyncio.run(fill_table(url, rows))
        limit = str(10**9)  # counted, but not reached
        servers = {
            "constant": stack.enter_context(start_server("constant")),
            "cached": stack.enter_context(
                start_server("ours", database_url=urls[FEW], redis_url=redis, rate_limit=limit)
            ),
            "few": stack.enter_context(start_server("ours", database_url=urls[FEW], rate_limit=limit)),
            "many": stack.enter_context(start_server("ours", database_url=urls[MANY], rate_limit=limit)),
        }
        return run_cases(servers, console)


def main() -> int:
    figures = measure()
    table = Table("read", "requests/s", "baseline", "ratio", "spread", "by CPU", "baseline", "ratio", "goal")
    for figure, case in zip(figures, CASES, strict=False):
        table.add_row(
            figure.name,
            f"{figure.value:,.0f}",
            f"{figure.baseline:,.0f}",
            f"{figure.ratio:.2f}",
            f"{figure.spread_low:.2f} to {figure.spread_high:.2f}",
            f"{figure.per_cpu_value:,.0f}",
            f"{figure.per_cpu_baseline:,.0f}",
            f"{figure.per_cpu_ratio:.2f}",
            f"{case.goal}",
        )
    console = Console(width=130)
    console.print(table)
    growth = figures[len(CASES) :]
    for figure in growth:
        console.print(f"{figure.name}: {figure.ratio:.2f} of the rate; {figure.note}")
    missed = [case for figure, case in zip(figures, CASES, strict=False) if (figure.ratio or 0) < case.goal]
    return int(bool(missed) or any((figure.ratio or 0) < 1 / MAX_GROWTH for figure in growth))


if __name__ == "__main__":
    sys.exit(main())
