"""The freqtrade strategy looks at nothing ahead, and enters in a dry run where its backtest enters."""

import asyncio
import csv
import json
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.connections import Connections
from api.server import serve_api
from broker.memory.broker import MemoryBroker
from exchanges.ccxt.source import CcxtCandleSource
from producers.requests.publisher import RequestPublisher
from runtime.clock import SystemClock
from schemas.topics import TOPICS
from simulator import SimulatorOptions
from storage.database import open_database
from tests.support.services import Services
from tests.support.simulated import Simulated, simulated
from tests.support.toolchains import require_installed

HOME = Path(__file__).parents[2]
FREQTRADE = HOME / ".venv" / "freqtrade"
SECONDS = 240.0
HOUR = timedelta(hours=1)
CANDLES, TURNS = 400, 13
END = datetime(2026, 1, 2, 8, tzinfo=UTC)
"""When the backtest ends, and the dry run."""


class TurnClock(SystemClock):
    """It goes on from the time that was set last."""

    def __init__(self, at: datetime) -> None:
        self._first = self._ahead = at - super().now()

    def set(self, at: datetime) -> None:
        self._ahead = at - super().now()

    def now(self) -> datetime:
        return super().now() + self._ahead

    def monotonic(self) -> float:
        return super().monotonic() + (self._ahead - self._first).total_seconds()


@pytest.fixture
def freqtrade(services: Services) -> Path:
    require_installed(services, "freqtrade", FREQTRADE / ".ready", "freqtrade")
    return FREQTRADE / "bin"


@asynccontextmanager
async def serve_market(clock: TurnClock, database_url: str) -> AsyncIterator[tuple[Simulated, str]]:
    """Yield a simulated exchange and the URL of an API of it, whose time is that of `clock`."""
    async with AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(
            simulated(SimulatorOptions(now=int(clock.now().timestamp() * 1_000)), clock=clock)
        )
        settings = exchange.settings(timeout=30.0)
        source = CcxtCandleSource(settings, clock)
        stack.push_async_callback(source.close)
        engine = open_database(database_url)
        stack.push_async_callback(engine.dispose)
        broker = MemoryBroker()
        stack.push_async_callback(broker.close)
        await broker.create_topics(TOPICS, partitions=1, replication=1)
        connections = Connections(
            engine=engine,
            publisher=RequestPublisher(broker, source="/test", clock=clock),
            candles=source,
            broker=broker,
            settings=settings,
            clock=clock,
        )
        api = await stack.enter_async_context(serve_api(create_app(connections), host="127.0.0.1", port=0))
        yield exchange, api.url


def write_config(folder: Path, exchange: str, api: str) -> Path:
    """Write the configuration of the README of the example, with the exchange's address."""
    config = json.loads((HOME / "examples" / "freqtrade" / "config.json").read_text())
    config["user_data_dir"] = str(folder)
    config["strategy_path"] = str(HOME / "examples" / "freqtrade")
    config["strandline"] |= {"folder": str(folder), "api": api, "market_prefix": "sim:spot"}
    paths = {"public": "/api/v3", "private": "/api/v3", "v1": "/api/v1", "sapi": "/sapi/v1"}
    config["exchange"]["ccxt_config"] |= {
        "enableRateLimit": False,  # its pauses would wait for a clock that stands still
        "options": {"fetchMarkets": {"types": ["spot"]}},
        "urls": {"api": {name: exchange + path for name, path in paths.items()}},
    }
    file = folder / "config.json"
    file.write_text(json.dumps(config))
    return file


async def write_history(folder: Path, exchange: Simulated, api: str) -> None:
    """Write the candles, and the levels as they were known, for a backtest."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        first = END - CANDLES * HOUR
        query = {"market": "sim:spot:BTCUSDT:1h", "from": first.isoformat(), "to": END.isoformat()}
        levels = await client.get(f"{api}/api/v1/export", params=query)
        assert levels.status_code == 200, levels.text
    (folder / "BTCUSDT-1h.csv").write_text(levels.text)
    candles = await exchange.get(
        "/api/v3/klines",
        symbol="BTCUSDT",
        interval="1h",
        limit=CANDLES,
        endTime=int(END.timestamp() * 1_000) - 1,
    )
    rows = [[row[0], *map(float, row[1:6])] for row in candles.json()]
    (folder / "data" / "binance").mkdir(parents=True)
    (folder / "data" / "binance" / "BTC_USDT-1h.json").write_text(json.dumps(rows))


async def run(*command: object) -> None:
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, output.decode()[-4_000:]


def read_backtest(folder: Path) -> list[datetime]:
    """Return when the trades of the newest backtest were opened."""
    (archive,) = (folder / "backtest_results").glob("*.zip")
    with zipfile.ZipFile(archive) as packed:
        (name,) = (name for name in packed.namelist() if name == f"{archive.stem}.json")
        strategy = json.loads(packed.read(name))["strategy"]["LevelBounce"]
    return [datetime.fromisoformat(trade["open_date"]) for trade in strategy["trades"]]


async def run_dry(
    freqtrade: Path, config: Path, clock: TurnClock, turns: Sequence[datetime]
) -> list[datetime]:
    """Let the bot take a turn at each time; return when its trades were opened."""
    process = await asyncio.create_subprocess_exec(
        *(freqtrade / "python", HOME / "tests" / "recipes" / "freqtrade" / "dry_run.py", config),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=(config.parent / "dry_run.log").open("wb"),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    answer = b""
    try:
        for turn in (clock.now(), *turns):
            clock.set(turn)
            process.stdin.write(b"%d\n" % int(turn.timestamp() * 1_000))
            answer = await process.stdout.readline()
            assert answer, (config.parent / "dry_run.log").read_text()[-4_000:]
    finally:
        process.kill()
        await process.wait()
    return [datetime.fromtimestamp(opened, UTC) for opened in json.loads(answer)]


@pytest.mark.timeout(2 * SECONDS)
async def test_strategy_enters_in_a_dry_run_where_its_backtest_does(
    freqtrade: Path, tmp_path: Path, migrated_sqlite_url: str
) -> None:
    clock = TurnClock(END + timedelta(seconds=10))
    async with asyncio.timeout(SECONDS), serve_market(clock, migrated_sqlite_url) as (exchange, api):
        config = write_config(tmp_path, exchange.url, api)
        await write_history(tmp_path, exchange, api)
        await run(freqtrade / "freqtrade", "backtesting", "-c", config, "--export", "trades")
        found = tmp_path / "lookahead.csv"
        await run(
            *(freqtrade / "freqtrade", "lookahead-analysis", "-c", config),
            *("--timerange", f"{END - CANDLES * HOUR:%Y%m%d}-", "--minimum-trade-amount", 5),
            *("--targeted-trade-amount", 10, "--lookahead-analysis-exportfilename", found),
        )
    entries = read_backtest(tmp_path)
    started = END - TURNS * HOUR
    expected = [entry for entry in entries if entry > started]
    assert len(expected) >= 2
    assert_unbiased(found)
    clock = TurnClock(started + timedelta(seconds=10))
    async with asyncio.timeout(SECONDS), serve_market(clock, migrated_sqlite_url) as (exchange, api):
        config = write_config(tmp_path, exchange.url, api)
        # Ten seconds after each close, as a bot that runs takes its turns.
        turns = [started + number * HOUR + timedelta(seconds=10) for number in range(1, TURNS)]
        opened = await run_dry(freqtrade, config, clock, turns)
    assert [entry.replace(minute=0, second=0) for entry in opened] == expected


def assert_unbiased(report: Path) -> None:
    (row,) = csv.DictReader(report.read_text().splitlines())
    assert row["has_bias"] == "False"
    assert row["biased_entry_signals"] == row["biased_exit_signals"] == "0"
    assert int(row["total_signals"]) >= 5
