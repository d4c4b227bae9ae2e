"""The roles of a round, as processes or as tasks, and the operations of faults on them."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

Role = Literal[
    "analyzer", "sink", "api", "scheduler", "feed", "prices", "watcher", "tracker", "notifier", "up"
]

ROOT = Path(__file__).parents[3]
STOP_SECONDS = 120.0  # a drain takes 5 s; a busy machine is slower


class RoleWorker(Protocol):
    role: Role

    @property
    def crashed(self) -> bool:
        """Whether it ended without kill or stop."""
        ...

    async def kill(self) -> None:
        """End it immediately."""
        ...

    async def stop(self) -> None:
        """Ask it to end, and wait for it."""
        ...


class ProcessWorker:
    """A process `python -m COMMAND`, by default `strandline ROLE`, that logs to `log`."""

    def __init__(self, role: Role, process: asyncio.subprocess.Process, log: Path) -> None:
        self.role = role
        self.log = log
        self._process = process
        self._ended = False

    @classmethod
    async def start(
        cls, role: Role, environ: Mapping[str, str], log: Path, command: Sequence[str] = ()
    ) -> "ProcessWorker":
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", *(command or ("strandline", role))),
                cwd=ROOT,
                env=os.environ | environ,
                stdout=output,
                stderr=output,
            )
        return cls(role, process, log)

    @property
    def crashed(self) -> bool:
        return not self._ended and self._process.returncode is not None

    async def kill(self) -> None:
        self._ended = True
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> None:
        self._ended = True
        if self._process.returncode is None:
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        finally:
            await self.kill()

    @property
    def loaded_files(self) -> str:
        """The memory map of the process, with the files it has loaded."""
        return Path(f"/proc/{self._process.pid}/maps").read_text()

    @property
    def frozen(self) -> bool:
        state = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state == "T"

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)


class TaskWorker:
    """A role as a task in this process. Cancelling it skips the last commit, which comes closest to a kill."""

    def __init__(self, role: Role, run: Callable[[asyncio.Event], Awaitable[None]]) -> None:
        self.role = role
        self._stop = asyncio.Event()
        self._ended = False
        self._task = asyncio.ensure_future(run(self._stop))

    @property
    def crashed(self) -> bool:
        return not self._ended and self._task.done()

    async def kill(self) -> None:
        self._ended = True
        self._task.cancel()
        await asyncio.wait({self._task})

    async def stop(self) -> None:
        self._ended = True
        self._stop.set()
        await asyncio.wait_for(self._task, STOP_SECONDS)


class RoleGroup:
    """All running roles. `end` stops every one of them."""

    def __init__(self, begin: Callable[[Role], Awaitable[RoleWorker]]) -> None:
        self._start_role = begin
        self.workers: list[RoleWorker] = []
        self._dismissed: list[RoleWorker] = []

    async def start(self, role: Role) -> RoleWorker:
        worker = await self._start_role(role)
        self.workers.append(worker)
        return worker

    async def restore(self, counts: Mapping[Role, int]) -> None:
        """Run that many of each role and no others, keeping those that run; forget those that have ended."""
        self.workers = [worker for worker in self.workers if not worker.crashed]
        for role in {worker.role for worker in self.workers} | counts.keys():
            running = self.of(role)
            for worker in running[counts.get(role, 0) :]:
                await self.stop(worker)
            for _ in range(counts.get(role, 0) - len(running)):
                await self.start(role)
        self._dismissed.clear()

    def of(self, role: Role) -> list[RoleWorker]:
        return [worker for worker in self.workers if worker.role == role]

    @property
    def processes(self) -> list[ProcessWorker]:
        return [worker for worker in self.workers if isinstance(worker, ProcessWorker)]

    async def kill(self, worker: RoleWorker) -> None:
        self._dismiss(worker)
        await worker.kill()

    async def stop(self, worker: RoleWorker) -> None:
        self._dismiss(worker)
        await worker.stop()

    @property
    def crashed(self) -> list[str]:
        return [worker.role for worker in (*self.workers, *self._dismissed) if worker.crashed]

    async def end(self) -> None:
        """Stop all roles gracefully: a member that leaves its group does not delay the next round by a session."""
        leaving, self.workers = self.workers, []
        ends = await asyncio.gather(*(worker.stop() for worker in leaving), return_exceptions=True)
        if broken := [each for each in ends if isinstance(each, BaseException)]:
            raise broken[0]

    def _dismiss(self, worker: RoleWorker) -> None:
        self.workers.remove(worker)
        self._dismissed.append(worker)
