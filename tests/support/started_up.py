"""`strandline up` as a process of its own, and a client of its API."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

SECONDS = 90.0


class Started:
    """A running `strandline up` and what it has printed so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self._ended = False
        self._printed = asyncio.Condition()

    async def read_output(self) -> None:
        """Collect its lines until it ends; a pipe that nobody empties stops a process that logs."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            async with self._printed:
                self.lines.append(line.decode())
                self._printed.notify_all()
        async with self._printed:
            self._ended = True
            self._printed.notify_all()

    async def wait_for_output(self, text: str) -> None:
        """Wait until a line contains the text."""
        async with asyncio.timeout(SECONDS), self._printed:
            await self._printed.wait_for(lambda: self._has_printed(text) or self._ended)
        assert self._has_printed(text), f"it ended without printing {text!r}: {''.join(self.lines)}"

    def _has_printed(self, text: str) -> bool:
        return any(text in line for line in self.lines)

    async def kill(self) -> None:
        self.process.kill()
        await self._wait_for_end()

    async def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        await self._wait_for_end()
        assert self.process.returncode is not None
        return self.process.returncode

    async def _wait_for_end(self) -> None:
        async with asyncio.timeout(SECONDS), self._printed:
            await self._printed.wait_for(lambda: self._ended)
        await self.process.wait()


@asynccontextmanager
async def up(environ: Mapping[str, str]) -> AsyncIterator[Started]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "strandline", "up"),
        env={**os.environ, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    started = Started(process)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(started.read_output())
        try:
            yield started
        finally:
            if process.returncode is None:
                await started.kill()


@asynccontextmanager
async def api(environ: Mapping[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    url = f"http://127.0.0.1:{environ['STRANDLINE_HTTP_PORT']}"
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        yield client
