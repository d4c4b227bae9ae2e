"""The configuration of Kafka Connect in examples/connect, run by Connect itself."""

import asyncio
from collections.abc import Callable
from os import environ
from pathlib import Path

import pytest

from broker.ports import Message
from schemas.market import Market
from schemas.topics import RESULTS, encode_completed
from tests.recipes.languages import EXAMPLES
from tests.support.containers import find_free_port
from tests.support.events import make_completed
from tests.support.pipeline import Pipeline
from tests.support.services import Services
from tests.support.toolchains import require_installed, require_program

SECONDS = 90.0
BUILT = Path(__file__).parents[1] / "connect" / "target"
PRICES = (67_226.6612, 0.1234567)
SINKS = ("results-to-file", "last-prices")


@pytest.fixture
def command(services: Services, tmp_path: Path, pipeline: Pipeline) -> list[str]:
    """Return the command of a worker whose address and files are the test's."""
    java = require_program(services, "java")
    require_installed(services, "java", BUILT / ".built", "examples")
    changes = {
        "bootstrap.servers=localhost:9092": f"bootstrap.servers={pipeline.settings.kafka_bootstrap}",
        ":8083": f":{find_free_port()}",
        # Here the sinks are on the class path.
        "plugin.path=/opt/kafka/libs": f"plugin.path={tmp_path}",
        "/tmp/strandline": f"{tmp_path}/strandline",  # noqa: S108 - it is replaced
    }
    for path in (EXAMPLES / "connect").glob("*.properties"):
        text = path.read_text()
        for old, new in changes.items():
            text = text.replace(old, new)
        (tmp_path / path.name).write_text(text)
    files = [str(tmp_path / f"{name}.properties") for name in ("worker", *SINKS)]
    classpath = (BUILT / "classpath.txt").read_text().strip()
    return [java, "-cp", classpath, "org.apache.kafka.connect.cli.ConnectStandalone", *files]


async def publish(pipeline: Pipeline, market: Market) -> None:
    """Publish results, and between them a tombstone and a value that is no JSON."""
    first, last = (
        encode_completed(make_completed(market, last_price=price), source="/strandline/analyzer")
        for price in PRICES
    )
    await pipeline.broker.publish(Message(RESULTS.name, first.key, first.value, first.headers))
    await pipeline.broker.publish(Message(RESULTS.name, first.key, None))
    unknown = (("ce_type", b"strandline.AnalysisCompleted.v9"),)
    await pipeline.broker.publish(Message(RESULTS.name, first.key, b"\xff{", unknown))
    await pipeline.broker.publish(Message(RESULTS.name, last.key, last.value, last.headers))


def read_text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


async def read_lines(
    path: Path, matches: Callable[[str], bool], process: asyncio.subprocess.Process
) -> list[str]:
    """Return the lines that match, as soon as there is one for each price."""
    while True:
        text = await asyncio.to_thread(read_text, path)
        lines = [line for line in text.splitlines(keepends=True) if line.endswith("\n") and matches(line)]
        if len(lines) >= len(PRICES):
            return [line.rstrip() for line in lines]
        assert process.returncode is None, "Connect ended"
        await asyncio.sleep(0.2)  # a file offers no event to wait for


@pytest.mark.timeout(240)
@pytest.mark.asyncio(loop_scope="module")
async def test_connect_writes_results_to_files(
    command: list[str], tmp_path: Path, pipeline: Pipeline, unique: Callable[[str], str]
) -> None:
    market = Market.of("binance", f"{unique('C').replace('-', '').upper()}USDT", "spot", "1h")
    await publish(pipeline, market)
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, env=environ, stdout=log, stderr=log)
    try:
        async with asyncio.timeout(SECONDS):
            results = tmp_path / "strandline-results.jsonl"
            lines = await read_lines(results, lambda line: market.symbol in line, process)
            published = [
                (
                    encode_completed(make_completed(market, last_price=price), source="/s").value or b""
                ).decode()
                for price in PRICES
            ]
            assert lines == published
            prices = tmp_path / "strandline-last-prices.txt"
            texts = [str(price) for price in PRICES]
            assert await read_lines(prices, lambda line: line.strip() in texts, process) == texts
    except (AssertionError, TimeoutError):
        pytest.fail(read_text(tmp_path / "log")[-5_000:])
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
