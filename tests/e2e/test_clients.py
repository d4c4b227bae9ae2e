"""The Python and TypeScript clients, and a front end of another backend, against a running `strandline up`."""

import asyncio
import base64
import json
import os
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
import pytest_asyncio
from nbclient import NotebookClient
from traitlets.config import Config

from strandline_client import AnalysisFailed, AsyncClient, Client, NotFound, Refused
from strandline_client.frames import candles_frame, known_levels_frame
from tests.support.containers import find_free_port
from tests.support.services import Services
from tests.support.started_up import SECONDS, up
from tests.support.toolchains import require_installed, require_program, run_program

MARKET = "sim:spot:ADAUSDT:4h"
ROOT = Path(__file__).parents[2]
TYPESCRIPT = ROOT / "clients" / "typescript"
NOTEBOOK = ROOT / "examples" / "notebook" / "levels.ipynb"
CALLERS = Path(__file__).parents[1] / "callers"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Yield the address of a running `strandline up`."""
    port = find_free_port()
    environ = {
        "STRANDLINE_DATA_DIR": str(tmp_path_factory.mktemp("up")),
        "STRANDLINE_HTTP_PORT": str(port),
        "STRANDLINE_OPS_PORT": str(find_free_port()),
    }
    async with up(environ) as running:
        await running.wait_for_output("Ready.")
        yield f"http://127.0.0.1:{port}"
        assert await running.interrupt() == 0


def test_python_client_reads_requests_and_watches(url: str) -> None:
    with Client(url) as client:
        result = client.analyze("ADA/USDT", "4h", within=SECONDS)
        assert (result.market, len(result.levels) > 0) == (MARKET, True)
        (listed,) = [one for one in client.all_results(symbol="ADA") if one.market == MARKET]
        assert listed.levels == result.levels
        assert client.result_of(MARKET).levels == client.result(result.id).levels
        assert all(event.market for event in client.level_events(MARKET, result.levels[0].level_id))
        assert all(near.distance_pct <= 5 for near in client.near_levels(within_pct=5, fresh=False))
        assert client.history(MARKET).items[0].support_levels == result.support_levels
        with pytest.raises(NotFound):
            client.result_of(MARKET, at=datetime(2001, 1, 1, tzinfo=UTC))
        with pytest.raises(AnalysisFailed, match="unknown_symbol"):
            client.analyze("NOSUCH/USDT", within=SECONDS)

        batch = client.request_many([{"symbol": "ADAUSDT"}, {"symbol": "ADAUSDT", "limit": 0}])
        assert (list(batch.accepted), batch.refused[0]["index"]) == ([0], 1)
        (job,) = client.jobs(batch.accepted.values())
        assert job.market == "sim:spot:ADAUSDT:1h"

        watch = client.create_watch("ADAUSDT", condition="touch", target=result.last_price * 5, side="short")
        assert client.change_watch(watch.id, note="far away").note == "far away"
        assert [one.id for one in client.watches().items] == [watch.id]
        assert client.fires(watch.id) == []
        client.delete_watch(watch.id)
        with pytest.raises(NotFound):
            client.watch(watch.id)
        assert client.restore_watch(watch.id).state == "active"
        client.delete_watch(watch.id)
        with pytest.raises(Refused, match="target"):
            client.create_watch("ADAUSDT", condition="touch", side="short")


def test_python_client_keeps_approaching_and_standing_watches(url: str) -> None:
    with Client(url) as client:
        (market,) = client.markets(search="ADAUSDT", market_type="spot")
        assert (market.exchange, market.symbol) == ("sim", "ADAUSDT")
        (candle,) = client.candles(MARKET, 1)
        near = client.create_watch(
            "ADAUSDT", condition="approach", target=candle.close * 5, within_pct=0.5, side="short"
        )
        assert (near.condition, near.within_pct, near.within_atr) == ("approach", 0.5, None)
        client.delete_watch(near.id)
        watch = client.create_standing_watch(
            "near ADA", within_atr=0.01, timeframe="4h", markets=["sim:spot:ADAUSDT"]
        )
        assert (watch.question.within_atr, watch.question.markets) == (0.01, ["sim:spot:ADAUSDT"])
        paused = client.change_standing_watch(watch.id, state="paused")
        assert [one.state for one in client.standing_watches() if one.id == watch.id] == [paused.state]
        client.delete_standing_watch(watch.id)
        assert watch.id not in {one.id for one in client.standing_watches()}


def test_exported_levels_are_those_of_the_result(url: str) -> None:
    with Client(url) as client:
        result = client.analyze("ADA/USDT", "4h", within=SECONDS)
        assert result.candle_at is not None
        frame = known_levels_frame(client.export_levels(MARKET, result.candle_at - timedelta(hours=8)))
    last = frame[frame["candle_at"] == result.candle_at]
    assert list(last["price"]) == [level.price for level in result.levels]
    assert (frame["known_from"] == frame["candle_at"] + timedelta(hours=4)).all()
    assert (frame["confirmed_at"] <= frame["known_from"]).all()


def test_python_client_reads_candles(url: str) -> None:
    with Client(url) as client:
        newest = candles_frame(client.candles(MARKET, 20))
        earlier = candles_frame(client.candles(MARKET, 5, before=newest.index[9].to_pydatetime()))
        from_then = client.candles(MARKET, since=newest.index[4].to_pydatetime())
    assert (len(newest), list(newest.index.diff().dropna().unique())) == (20, [timedelta(hours=4)])
    assert earlier.equals(newest.iloc[4:9])
    assert from_then[0].timestamp == earlier.index[0]
    assert newest["is_closed"].iloc[:-1].all()


FINDINGS = """
import json
shown = known[known["known_from"] == moment]
print(json.dumps({
    "trials": int(rates["trials"].sum()),
    "predicted": float(trials["p_reach_24"].mean()),
    "reached": float(trials["level"].mean()),
    "shown": len(shown),
    "confirmed before": bool((shown["confirmed_at"] <= moment).all()),
    "closed": bool(candles["is_closed"].all()),
}))
"""
"""A cell that the test appends to the notebook."""


@pytest.mark.timeout(240)
def test_notebook_shows_levels_and_how_often_price_reached_them(url: str) -> None:
    book = nbformat.read(NOTEBOOK, as_version=4)
    book.cells.append(nbformat.v4.new_code_cell(FINDINGS))
    path = os.pathsep.join([str(ROOT / "clients" / "strandline-client"), os.environ.get("PYTHONPATH", "")])
    sockets = Config(KernelManager={"transport": "ipc"})
    NotebookClient(book, timeout=SECONDS, startup_timeout=SECONDS, config=sockets).execute(
        env=os.environ | {"STRANDLINE_URL": url, "PYTHONPATH": path}
    )
    outputs = [output for cell in book.cells for output in cell.get("outputs", ())]
    pictures = [one.data["image/png"] for one in outputs if "image/png" in one.get("data", {})]
    assert [base64.b64decode(one)[:4] for one in pictures] == [b"\x89PNG"] * 2
    found = json.loads(outputs[-1].text)
    assert (found["confirmed before"], found["closed"]) == (True, True)
    assert found["shown"] > 0
    assert found["trials"] > 1_000
    assert abs(found["reached"] - found["predicted"]) < 0.2


async def test_asynchronous_python_client_receives_what_it_requested(url: str) -> None:
    async with AsyncClient(url) as client, asyncio.timeout(SECONDS):
        events = client.stream(types=["result", "price"], market="ETHUSDT")
        await anext(events)  # a price: from here on the stream is open
        request_id = await client.request("ETH/USDT", "12h")
        async for event in events:
            if request_id in event.data.get("request_ids", ()):
                break
        await events.aclose()
        assert (event.kind, event.data["market"]["timeframe"]) == ("result", "12h")
        job = await client.job(request_id)
        assert job.market == "sim:spot:ETHUSDT:12h"


def test_typescript_client(url: str, services: Services) -> None:
    npm = require_program(services, "npm")
    require_installed(services, "npm", TYPESCRIPT / "node_modules" / ".checked", "check-client")
    run_program(
        *(npm, "run", "--silent", "e2e"), cwd=TYPESCRIPT, env={"STRANDLINE_URL": url, "NO_COLOR": "1"}
    )


def test_older_front_end(url: str, services: Services) -> None:
    node = require_program(services, "node")
    shown = json.loads(run_program(node, CALLERS / "front_end.js", url, cwd=CALLERS))
    accepted = shown["accepted"]
    assert (accepted["status"], accepted["message"]) == ("accepted", "分析任务已提交: BTCUSDT")
    assert (accepted["symbol"], accepted["timeframe"]) == ("BTCUSDT", "1h")
    assert shown["rows"] > 0 < shown["pages"]
    assert {*shown["found"], *shown["service"]} == {"BTCUSDT"}
    assert all(re.fullmatch(r"\d+\.\d{4}", price) for price in shown["prices"])
    assert len(shown["times"]) == 1_000
    assert shown["times"] == sorted(set(shown["times"]))
    assert shown["health"] == "ok"
