"""Measure what traces cost: `python -m benchmarks.tracing`, or `make bench ONLY=tracing`.

The analyzer's loop on the in-process broker, with a ready answer, exports the spans of every request to a collector
that accepts them; the baseline is the same without an exporter. They take turns in one process.
"""

import asyncio
import io
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from unittest.mock import patch

from benchmarks.figures import Figure, Round, compare_rates
from benchmarks.pipeline import Loads, MemoryGround, ReadyCandles, run_analyzer
from consumers.analyzer.analyze import SeriesAnalyzer
from runtime import logging, tracing
from runtime.garbage import relax_garbage_collection
from runtime.settings import Settings
from runtime.trace_export import export_traces
from schemas.topics import TOPICS

ROUNDS = 7
REQUESTS_A_ROUND = 1_000


class Collector(BaseHTTPRequestHandler):
    """Accepts every export."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def serve_collector(ready: Connection) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    ready.send(server.server_address[1])
    server.serve_forever()


@contextmanager
def run_collector() -> Iterator[str]:
    """Run a collector in a process of its own, whose CPU is not counted; yield its URL."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve_collector, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join(10)


async def run_rounds() -> tuple[list[Round], list[Round]]:
    """Return the rounds with an exporter and those without; the first of each only warms up."""
    source, ground = ReadyCandles(), MemoryGround()
    loads = Loads(source)
    await ground.connect().create_topics(TOPICS, partitions=12, replication=1)
    traced, plain = list[Round](), list[Round]()
    with patch.object(SeriesAnalyzer, "analyze", source.find_analysis):
        for _ in range(ROUNDS + 1):
            with patch.object(tracing, "_exported", []):
                plain.append(await run_analyzer(ground, loads, source, REQUESTS_A_ROUND))
            traced.append(await run_analyzer(ground, loads, source, REQUESTS_A_ROUND))
    return traced[1:], plain[1:]


def measure() -> list[Figure]:
    """Return the one figure."""
    logging.configure(Settings.load(log_format="json"), io.StringIO())
    relax_garbage_collection()
    with run_collector() as url, export_traces(Settings.load(otlp_endpoint=url), "analyzer"):
        traced, plain = asyncio.run(run_rounds())
    note = "on the in-process broker; the baseline exports nothing"
    return [compare_rates("request to result, traced", "requests/s", traced, plain, note)]


if __name__ == "__main__":
    for figure in measure():
        print(figure)
