"""Draws level charts in processes of their own: few at once, each within a deadline, and each picture once."""

import asyncio
import os
import sys
from array import array
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable, Sequence
from tempfile import TemporaryDirectory

from api.chart_image.chart import ChartStyle, DrawingJob, LevelChart
from runtime.errors import Transient
from runtime.lru import LruDict
from runtime.single_flight import SingleFlight
from schemas.http.candles import Kline

TIMEOUT = 30.0
"""Seconds for one drawing; it takes one or two."""
MAX_RUNNING = 2
MAX_WAITING = 8
"""Drawings that wait for one of those to end; more are refused."""

_MAX_BYTES = 32 * 2**20
"""Some 300 pictures."""
_RETRY_AFTER = 5.0
_COLUMNS = ("open", "high", "low", "close", "volume")
# `strandline` puts the rooms of an installed wheel on the path; see its `__init__`.
_PROGRAM = "import strandline; from api.chart_image.child import main; main()"

Drawing = Callable[[bytes], Awaitable[bytes]]


class ChartPainter:
    """Draws charts and caches the pictures. Close it."""

    def __init__(self, draw: Drawing | None = None) -> None:
        self._draw = draw
        self._pictures: LruDict[str, bytes] = LruDict(_MAX_BYTES, len)
        self._flights: SingleFlight[str, bytes] = SingleFlight()
        self._running = asyncio.Semaphore(MAX_RUNNING)
        self._admitted = 0
        self._folder: TemporaryDirectory[str] | None = None

    async def paint(self, tag: str, chart: LevelChart, style: ChartStyle, candles: Sequence[Kline]) -> bytes:
        """Return the PNG. `tag` identifies all that the picture depends on.

        Raises Transient where too many drawings wait, where one fails, and after TIMEOUT.
        """
        picture = self._pictures.get(tag)
        if picture is None:
            picture = await self._flights.run(tag, lambda: self._paint_when_admitted(chart, style, candles))
            self._pictures.put(tag, picture)
        return picture

    async def close(self) -> None:
        """End the drawings in progress and remove the font cache."""
        await self._flights.close()
        if self._folder is not None:
            self._folder.cleanup()

    async def _paint_when_admitted(
        self, chart: LevelChart, style: ChartStyle, candles: Sequence[Kline]
    ) -> bytes:
        if self._admitted >= MAX_RUNNING + MAX_WAITING:
            raise Transient(
                f"{self._admitted} charts are being drawn or wait for it: try again", retry_after=_RETRY_AFTER
            )
        self._admitted += 1
        try:
            async with self._running:
                return await (self._draw or self._run_child)(_pack_job(chart, style, candles))
        finally:
            self._admitted -= 1

    async def _run_child(self, job: bytes) -> bytes:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _PROGRAM, stdin=PIPE, stdout=PIPE, env=self._environment()
        )
        try:
            async with asyncio.timeout(TIMEOUT):
                picture, _ = await process.communicate(job)
        except TimeoutError as error:
            raise Transient(f"the chart was not drawn within {TIMEOUT:g} s: try again") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise Transient(f"the chart could not be drawn: exit code {process.returncode}, see the log")
        return picture

    def _environment(self) -> dict[str, str]:
        """Return the environment of a child. All share one font cache, which the first of them fills."""
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="strandline-fonts-", ignore_cleanup_errors=True)
        return {**os.environ, "MPLCONFIGDIR": self._folder.name, "MPLBACKEND": "agg"}


def _pack_job(chart: LevelChart, style: ChartStyle, candles: Sequence[Kline]) -> bytes:
    job = DrawingJob(chart=chart, style=style, candles=len(candles))
    columns = [array("q", [candle.timestamp for candle in candles])]
    prices = [array("d", [getattr(candle, name) for candle in candles]) for name in _COLUMNS]
    return b"".join(
        (job.model_dump_json().encode(), b"\n", *(column.tobytes() for column in columns + prices))
    )
