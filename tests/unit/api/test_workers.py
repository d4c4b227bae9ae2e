"""The supervisor of the API's workers, with workers whose imports take longer than a health check."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.containers import find_free_port

SUPERVISOR = """
import functools, sys
from api.workers import WorkerSupervisor
from runtime.serving import bind_socket, uvicorn_config

if __name__ == "__main__":
    from slow_app import create
    config = uvicorn_config(
        functools.partial(create), factory=True, workers=2, lifespan=False, timeout_worker_healthcheck=1
    )
    with bind_socket("127.0.0.1", int(sys.argv[1])) as listening:
        WorkerSupervisor(config, sockets=[listening]).run()
"""

SLOW_APP = """
import os, time
if os.getppid() != int(os.environ["STARTER"]):
    time.sleep(2)  # longer than the timeout of a health check

def create():
    async def app(scope, receive, send):
        body = str(os.getpid()).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": body})
    return app
"""


@contextmanager
def running_supervisor(folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    (folder / "slow_app.py").write_text(SLOW_APP)
    (folder / "supervisor.py").write_text(SUPERVISOR)
    port = find_free_port()
    environment = os.environ | {"PYTHONPATH": f"{Path.cwd()}:{folder}", "STARTER": str(os.getpid())}
    command = [sys.executable, str(folder / "supervisor.py"), str(port)]
    process = subprocess.Popen(command, env=environment)
    try:
        yield port, process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def ask_pid(port: int) -> int | None:
    """Return the worker that answers; None where none does yet."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
            return int(answer.read())
    except OSError:
        time.sleep(0.1)
        return None


def collect_pids(port: int, count: int) -> list[int]:
    """Return the first `count` workers that answer, in order."""
    pids: list[int] = []
    deadline = time.monotonic() + 60
    while len(pids) < count:
        assert time.monotonic() < deadline, f"{len(pids)} of {count} workers answered"
        pid = ask_pid(port)
        if pid is not None and pid not in pids:
            pids.append(pid)
    return pids


def test_supervisor_waits_for_workers_whose_imports_are_slow(tmp_path: Path) -> None:
    with running_supervisor(tmp_path) as (port, _):
        before = collect_pids(port, 2)
        os.kill(before[0], signal.SIGKILL)
        assert set(collect_pids(port, 2)) != set(before)
