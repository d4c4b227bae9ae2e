"""The parent's side of an export: runs the child, feeds it, and passes its output on as it comes."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from api.export.formats import Format
from runtime.errors import Transient
from runtime.tasks import cancel_and_wait

if TYPE_CHECKING:
    from levels import Candles

TIMEOUT = 120.0
"""Seconds for a whole export, which the client's pace does not lengthen."""

_COLUMNS = ("time", "open", "high", "low", "close", "volume")
_PIECE = 64 * 1024
# `strandline` puts the rooms of an installed wheel on the path; see its `__init__`.
_PROGRAM = "import strandline; from api.export.child import main; main()"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ExportJob:
    """What to export: the closes from the index `first` of the candles on."""

    candles: "Candles"
    first: int
    timeframe: str
    format: Format


async def run_export(job: ExportJob, published: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the file piece by piece; `published` are lines of JSON in the order of candles.

    Raises Transient where the child fails, or after TIMEOUT: the response ends unfinished then, which a client notices.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PROGRAM, stdin=PIPE, stdout=PIPE, limit=_PIECE
    )
    feeding = asyncio.create_task(_send_job(process, job, published), name="feed an export")
    try:
        async with asyncio.timeout(TIMEOUT):
            assert process.stdout is not None
            while piece := await process.stdout.read(_PIECE):
                yield piece
            if code := await process.wait():
                raise Transient(f"the export failed with exit code {code}: see the log of the API")
            await feeding
    except TimeoutError as error:
        _log.warning("export.timed_out", seconds=TIMEOUT, closes=len(job.candles) - job.first)
        raise Transient(f"the export took longer than {TIMEOUT:g} s: export a shorter span") from error
    finally:
        await cancel_and_wait(feeding)
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _send_job(process: Process, job: ExportJob, published: AsyncIterator[bytes]) -> None:
    assert process.stdin is not None
    stdin = process.stdin
    head = {
        "format": job.format,
        "timeframe": job.timeframe,
        "first": job.first,
        "candles": len(job.candles),
    }
    stdin.write(json.dumps(head).encode() + b"\n")
    for name in _COLUMNS:
        stdin.write(getattr(job.candles, name).astype("<i8" if name == "time" else "<f8").tobytes())
        await stdin.drain()
    async for line in published:
        stdin.write(line + b"\n")
        await stdin.drain()
    stdin.close()
    await stdin.wait_closed()
