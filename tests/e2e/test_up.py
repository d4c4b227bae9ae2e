"""`strandline up` as a process: its output, its answers, Ctrl-C, and a second start."""

import asyncio
import re
import signal
import sqlite3
from pathlib import Path
from typing import Any

import httpx

from tests.support.containers import find_free_port
from tests.support.pipeline import wait_for_job
from tests.support.started_up import SECONDS, api, up

MARKETS = 6


async def results(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await client.get("/api/v1/analysis/results")).json()["data"]
    return rows


async def test_up_shows_levels_stops_cleanly_and_keeps_them(environ: dict[str, str]) -> None:
    async with up(environ) as first, api(environ) as client:
        await first.wait_for_output("Ready.")
        shown = await results(client)
        assert len(shown) == MARKETS
        assert all(row["exchange"] == "sim" and row["support_levels"] for row in shown)
        assert (await client.get("/")).status_code == 200
        accepted = await client.post(
            "/api/v1/analysis/trigger", json={"symbol": "ADA/USDT", "timeframe": "4h"}
        )
        assert (await wait_for_job(client, accepted.json()["request_id"]))["status"] == "completed"
        counted = (await client.get(f"http://127.0.0.1:{environ['STRANDLINE_OPS_PORT']}/metrics")).text
        assert 'strandline_requests_total{outcome="completed"}' in counted
        assert 'strandline_http_request_seconds_count{method="GET",route="/",status="200"} 1.0' in counted
        assert re.search(r'strandline_consumer_lag\{group="strandline.sink",partition="\d+",topic=', counted)
        for page in ("livez", "readyz"):
            probe = await client.get(f"http://127.0.0.1:{environ['STRANDLINE_OPS_PORT']}/{page}")
            assert probe.json() == {"ok": True, "reasons": []}
        assert await first.interrupt() == 0
    assert "Traceback" not in "".join(first.lines)
    async with up(environ) as second, api(environ) as client:
        await second.wait_for_output("page")
        found = {row["id"]: row["created_at"] for row in await results(client)}
        assert {row["id"]: row["created_at"] for row in shown}.items() <= found.items()
        await second.wait_for_output("Ready.")
        assert await second.interrupt() == 0


async def test_up_finishes_an_accepted_request_after_a_kill(
    environ: dict[str, str],
) -> None:
    async with up(environ) as first, api(environ) as client:
        await first.wait_for_output("page")
        body = {"symbol": "LINK/USDT", "request_id": "outlives-the-kill"}
        assert (await client.post("/api/v1/analysis/trigger", json=body)).status_code == 202
        await first.kill()
    async with up(environ) as second, api(environ) as client:
        await second.wait_for_output("page")
        assert (await wait_for_job(client, "outlives-the-kill"))["status"] == "completed"
        assert await second.interrupt() == 0


async def test_up_waits_for_a_locked_database(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    other = sqlite3.connect(tmp_path / "data" / "strandline.sqlite3", isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("BEGIN IMMEDIATE")
    async with up(environ) as started:
        await started.wait_for_output("waiting: the database: OperationalError: database is locked")
        other.close()
        await started.wait_for_output("Ready.")
        assert await started.interrupt() == 0
    assert "loading" in started.lines[0]  # printed before the imports


async def test_up_stops_at_once_at_a_second_interrupt(environ: dict[str, str]) -> None:
    async with up(environ) as started:
        await started.wait_for_output("page")
        started.process.send_signal(signal.SIGINT)
        await started.wait_for_output("stopping")
        assert await started.interrupt() in {0, 130}
    assert "Traceback" not in "".join(started.lines)
    assert not any(line.startswith("{") for line in started.lines)


async def test_up_reports_a_port_or_folder_in_use(environ: dict[str, str], tmp_path: Path) -> None:
    async with up(environ) as first:
        await first.wait_for_output("page")
        elsewhere = {
            "STRANDLINE_DATA_DIR": str(tmp_path / "another"),
            "STRANDLINE_OPS_PORT": str(find_free_port()),
        }
        async with up(environ | elsewhere) as second:
            await second.wait_for_output("STRANDLINE_HTTP_PORT")
            assert await asyncio.wait_for(second.process.wait(), SECONDS) == 2
        async with up(environ | {"STRANDLINE_HTTP_PORT": "0"}) as third:
            await third.wait_for_output("STRANDLINE_DATA_DIR")
            assert await asyncio.wait_for(third.process.wait(), SECONDS) == 2
        assert await first.interrupt() == 0
