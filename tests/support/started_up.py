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
    """A running `strandline up`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    async def wait_for_output(self, text: str) -> None:
        """Wait until a line contains the text."""
        assert self.process.stdout is not None
        async with asyncio.timeout(SECONDS):
            while not any(text in line for line in self.lines):
                line = await self.process.stdout.readline()
                assert line, f"it ended without printing {text!r}: {''.join(self.lines)}"
                self.lines.append(line.decode())

    async def kill(self) -> None:
        """Kill it; read what it logged, because `wait` alone would never see its pipe end."""
        self.process.kill()
        await self.process.communicate()

    async def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(SECONDS):
            rest, _ = await self.process.communicate()
        self.lines.append(rest.decode())
        assert self.process.returncode is not None
        return self.process.returncode


@asynccontextmanager
async def up(environ: Mapping[str, str]) -> AsyncIterator[Started]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "strandline", "up"),
        env={**os.environ, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Started(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def api(environ: Mapping[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    url = f"http://127.0.0.1:{environ['STRANDLINE_HTTP_PORT']}"
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        yield client
