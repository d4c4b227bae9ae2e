"""`GET /chart.png`: what it draws, when it draws again, and what it refuses."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from api.chart_image import painter
from api.chart_image.chart import ChartStyle, DrawingJob, LevelChart
from api.chart_image.painter import MAX_RUNNING, MAX_WAITING, ChartPainter
from broker.memory.broker import MemoryBroker
from runtime.errors import Permanent, Transient
from schemas.http.candles import Kline
from tests.unit.api.fakes import ListedCandles, client_of, dependencies, put_result
from tests.unit.api.results.test_views import LEVEL

PNG = b"\x89PNG\r\n\x1a\n"
CHART = "/chart.png"
BTC = {"symbol": "BTCUSDT", "interval": "1h"}
EMPTY_CHART = LevelChart(title="A", last_price=1.0, levels=())


@pytest.fixture
def source() -> ListedCandles:
    return ListedCandles()


@pytest.fixture
async def drawn(monkeypatch: pytest.MonkeyPatch) -> list[DrawingJob]:
    """Stand in for the process that draws; return the jobs that it gets."""
    jobs: list[DrawingJob] = []

    async def draw(_: ChartPainter, job: bytes) -> bytes:
        jobs.append(DrawingJob.model_validate_json(job.partition(b"\n")[0]))
        return PNG + bytes([len(jobs)])

    monkeypatch.setattr(ChartPainter, "_run_child", draw)
    return jobs


@pytest.fixture
async def asking(
    engine: AsyncEngine, broker: MemoryBroker, source: ListedCandles
) -> AsyncIterator[AsyncClient]:
    async with client_of(dependencies(engine, broker=broker, candles=source)) as client:
        yield client


async def test_chart_image_is_a_png_that_a_process_of_its_own_draws(
    engine: AsyncEngine, asking: AsyncClient
) -> None:
    await put_result(engine, "BTCUSDT")
    answer = await asking.get(CHART, params=BTC | {"width": 400, "height": 300, "language": "zh"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(PNG)
    assert (int.from_bytes(answer.content[16:20]), int.from_bytes(answer.content[20:24])) == (400, 300)


async def test_chart_image_shows_the_published_levels_in_the_style_asked_for(
    engine: AsyncEngine, asking: AsyncClient, drawn: list[DrawingJob]
) -> None:
    await put_result(engine, "BTCUSDT", levels=[LEVEL], support_levels=[LEVEL["price"]], resistance_levels=[])
    answer = await asking.get(CHART, params=BTC | {"theme": "dark", "width": "", "exchange": "binance"})
    assert answer.status_code == 200, answer.text
    (job,) = drawn
    assert [level.level_id for level in job.chart.levels] == [LEVEL["level_id"]]
    assert job.chart.prices == ()
    assert job.chart.title == "binance spot BTCUSDT 1h"
    assert job.style == ChartStyle(theme="dark")
    assert job.candles == 2_000 - 1  # without the open one


async def test_chart_image_shows_the_prices_of_a_row_that_another_backend_wrote(
    engine: AsyncEngine, asking: AsyncClient, drawn: list[DrawingJob]
) -> None:
    await put_result(engine, "BTCUSDT", support_levels=[64000.5], resistance_levels=[66010.0])
    await asking.get(CHART, params=BTC)
    assert drawn[0].chart.prices == (("support", 64000.5), ("resistance", 66010.0))


async def test_chart_image_is_drawn_once_for_each_result_and_style(
    engine: AsyncEngine, asking: AsyncClient, drawn: list[DrawingJob]
) -> None:
    await put_result(engine, "BTCUSDT")
    first, second = [await asking.get(CHART, params=BTC) for _ in range(2)]
    dark = await asking.get(CHART, params=BTC | {"theme": "dark"})
    assert first.content == second.content != dark.content
    assert len(drawn) == 2
    known = await asking.get(CHART, params=BTC, headers={"If-None-Match": first.headers["etag"]})
    assert known.status_code == 304
    assert not known.content
    head = await asking.head(CHART, params=BTC)
    assert (head.headers["etag"], head.content) == (first.headers["etag"], b"")
    assert len(drawn) == 2


@pytest.mark.parametrize(
    ("params", "status", "error"),
    [
        ({"symbol": "BTCUSDT", "interval": "7h"}, 422, "7h"),
        (BTC | {"width": 100_000}, 422, "width"),
        (BTC | {"height": 1}, 422, "height"),
        (BTC | {"theme": "pink"}, 422, "theme"),
        (BTC | {"exchange": "nowhere"}, 422, "'nowhere' is not allowed here"),
        ({"interval": "1h"}, 422, "symbol"),
        ({"symbol": "ETHUSDT", "interval": "1h"}, 404, "has no result (yet)"),
    ],
)
async def test_chart_image_refuses_in_words(
    engine: AsyncEngine, asking: AsyncClient, params: dict[str, Any], status: int, error: str
) -> None:
    await put_result(engine, "BTCUSDT")
    answer = await asking.get(CHART, params=params)
    assert answer.status_code == status
    assert error in answer.json()["error"]


async def test_chart_image_passes_on_what_the_exchange_refuses(
    engine: AsyncEngine, asking: AsyncClient, source: ListedCandles
) -> None:
    await put_result(engine, "BTCUSDT")
    source.error = Permanent("unknown_symbol", "binance has no spot market BTCUSDT")
    answer = await asking.get(CHART, params=BTC)
    assert (answer.status_code, answer.json()["error"]) == (404, "binance has no spot market BTCUSDT")


async def test_chart_image_needs_matplotlib_and_says_which_extra(
    asking: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.chart_image.routes.find_spec", lambda _: None)
    answer = await asking.get(CHART, params=BTC)
    assert answer.status_code == 503
    assert "strandline[plot]" in answer.json()["error"]


async def test_chart_image_needs_a_key_where_reads_are_closed(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    async with client_of(dependencies(engine, broker=broker, reads="keys")) as closed:
        answer = await closed.get(CHART, params=BTC)
    assert answer.status_code == 401


async def test_painter_draws_few_at_once_and_refuses_when_many_wait() -> None:
    gate, running = asyncio.Event(), []

    async def draw(job: bytes) -> bytes:
        running.append(job)
        await gate.wait()
        return PNG

    painter = ChartPainter(draw)
    tasks = [
        asyncio.create_task(painter.paint(str(tag), EMPTY_CHART, ChartStyle(), ()))
        for tag in range(MAX_RUNNING + MAX_WAITING + 1)
    ]
    with pytest.raises(Transient, match="try again"):
        await tasks[-1]
    assert len(running) == MAX_RUNNING
    gate.set()
    assert await asyncio.gather(*tasks[:-1]) == [PNG] * (MAX_RUNNING + MAX_WAITING)
    await painter.close()


async def test_painter_kills_a_drawing_that_exceeds_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(painter, "TIMEOUT", 0.0)
    drawing = ChartPainter()
    with pytest.raises(Transient, match="was not drawn within"):
        await drawing.paint("a", EMPTY_CHART, ChartStyle(), ())
    await drawing.close()


async def test_painter_reports_a_drawing_that_fails() -> None:
    drawing = ChartPainter()
    with pytest.raises(Transient, match="exit code 1"):  # there is nothing to draw
        await drawing.paint("a", EMPTY_CHART, ChartStyle(), list[Kline]())
    await drawing.close()
