"""Measure a result to 1,000 open event streams: `python -m benchmarks.streams`.

The API as a process on Kafka; this process holds the streams, publishes a result, and notes when each stream has it.
The baseline is a process that only writes the same bytes to as many connections, as soon as it is asked to. Both take
turns. The client is one Python process, so that its own reading is in both.
"""

import asyncio
import io
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import cast

from rich.console import Console
from rich.progress import track

from benchmarks.figures import Figure
from benchmarks.processes import RunningProcess, await_http
from benchmarks.services import Services, run_services
from broker.kafka.broker import KafkaBroker
from broker.ports import Message
from consumers.analyzer.events import build_completed
from levels import Analysis, analyze
from levels.evaluation.synthetic import make_planted_market
from runtime import logging
from schemas.market import Market
from schemas.topics import RESULTS, encode_completed
from tests.support.containers import find_free_port

STREAMS = 1_000
ROUNDS = 20
DEADLINE = 60.0
_REQUEST = b"GET /api/v1/stream?types=result HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n"


class StreamClient(asyncio.Protocol):
    """One open stream; notes when a marker has arrived."""

    def __init__(self, audience: "Audience") -> None:
        self._audience = audience
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.WriteTransport, transport).write(_REQUEST)

    def data_received(self, data: bytes) -> None:
        self._read += data
        if self._audience.marker in self._read:
            self._read = b""
            self._audience.note_arrival()


class Audience:
    """All open streams of one server."""

    def __init__(self) -> None:
        self.marker = b"HTTP/1.1 200"
        self._arrivals: list[float] = []
        self._complete = asyncio.Event()

    async def open_all(self, port: int) -> list[asyncio.BaseTransport]:
        """Open STREAMS streams; return when each has been answered."""
        loop = asyncio.get_running_loop()
        transports = [
            (await loop.create_connection(lambda: StreamClient(self), "127.0.0.1", port))[0]
            for _ in range(STREAMS)
        ]
        await self.await_all()
        return list(transports)

    def expect(self, marker: bytes) -> None:
        self.marker = marker
        self._arrivals = []
        self._complete.clear()

    def note_arrival(self) -> None:
        self._arrivals.append(time.perf_counter())
        if len(self._arrivals) == STREAMS:
            self._complete.set()

    async def await_all(self) -> list[float]:
        """Return the arrival of the marker in each stream."""
        async with asyncio.timeout(DEADLINE):
            await self._complete.wait()
        return self._arrivals


class Publications:
    """Results of one analysis, each of a market of its own."""

    def __init__(self) -> None:
        self._analysis: Analysis = analyze(make_planted_market(1, 2_000).candles)

    def build(self, number: int) -> Message:
        market = Market.of("sim", f"C{number}USDT", "spot", "1h")
        (event,) = build_completed(self._analysis, market, [f"stream-{number}"], datetime.now(UTC))
        encoded = encode_completed(event, source="/bench")
        return Message(RESULTS.name, encoded.key, encoded.value, encoded.headers)


@asynccontextmanager
async def open_audience(port: int) -> AsyncIterator[Audience]:
    audience = Audience()
    transports = await audience.open_all(port)
    try:
        yield audience
    finally:
        for transport in transports:
            transport.close()


async def time_ours(audience: Audience, broker: KafkaBroker, message: Message, number: int) -> list[float]:
    """Publish a result; return the seconds until each stream has it."""
    audience.expect(f'"C{number}USDT"'.encode())
    began = time.perf_counter()
    await broker.publish(message)
    return [arrived - began for arrived in await audience.await_all()]


async def time_bare(
    audience: Audience, control: asyncio.StreamWriter, message: Message, number: int
) -> list[float]:
    """Let the bare server write the same bytes; return the seconds until each stream has them."""
    audience.expect(f'"C{number}USDT"'.encode())
    value = message.value or b""
    began = time.perf_counter()
    control.write(len(value).to_bytes(4, "big") + value)
    return [arrived - began for arrived in await audience.await_all()]


async def measure_on(services: Services, port: int, bare_port: int, control_port: int) -> list[Figure]:
    broker, publications = KafkaBroker(services.settings()), Publications()
    ours, bare = list[list[float]](), list[list[float]]()
    try:
        _, control = await asyncio.open_connection("127.0.0.1", control_port)
        async with open_audience(port) as listening, open_audience(bare_port) as bare_listening:
            for number in track(range(ROUNDS + 1), description="rounds", console=Console(stderr=True)):
                message = publications.build(number)
                rounds = (
                    await time_bare(bare_listening, control, message, number),
                    await time_ours(listening, broker, message, number),
                )
                if number:  # the first one only warms up
                    bare.append(rounds[0])
                    ours.append(rounds[1])
        control.close()
    finally:
        await broker.close()
    return [_compare(ours, bare, 50), _compare(ours, bare, 99)]


def _compare(ours: list[list[float]], bare: list[list[float]], percent: int) -> Figure:
    mine, base = ([quantiles(one, n=100)[percent - 1] * 1_000 for one in rounds] for rounds in (ours, bare))
    ratios = [other / own for own, other in zip(mine, base, strict=True)]
    return Figure(
        f"a result to {STREAMS:,} streams, p{percent}",
        "ms",
        median(mine),
        median(base),
        median(ratios),
        min(ratios),
        max(ratios),
        note="from its publication, Kafka included" if percent == 50 else "",
    )


def measure() -> list[Figure]:
    """Return half and 99 % of the arrivals of a result."""
    port, ops, bare_port, control_port = (find_free_port() for _ in range(4))
    with run_services() as services:
        logging.configure(services.settings(), io.StringIO())
        environ = services.environ() | {
            "STRANDLINE_HTTP_PORT": str(port),
            "STRANDLINE_OPS_PORT": str(ops),
            "STRANDLINE_STREAMS": str(STREAMS + 10),
            "STRANDLINE_STREAMS_PER_CLIENT": str(STREAMS + 10),
            "STRANDLINE_RATE_LIMIT": "0",
        }
        bare = RunningProcess.start("benchmarks.streams", "bare", str(bare_port), str(control_port))
        with RunningProcess.start("strandline", "api", environ=environ) as api, bare:
            await_http(f"http://127.0.0.1:{ops}/readyz", api)
            return asyncio.run(measure_on(services, port, bare_port, control_port))


async def serve_bare(port: int, control_port: int) -> None:
    """Answer every connection to `port`, and write to all of them what arrives at `control_port`."""
    writers: list[asyncio.StreamWriter] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        writers.append(writer)

    async def copy(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        while True:
            value = await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))
            for writer in writers:
                writer.write(b"data: " + value + b"\n\n")

    async with (
        await asyncio.start_server(accept, "127.0.0.1", port, backlog=STREAMS) as server,
        await asyncio.start_server(copy, "127.0.0.1", control_port),
    ):
        await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        asyncio.run(serve_bare(int(sys.argv[2]), int(sys.argv[3])))
    else:
        for figure in measure():
            print(figure)
