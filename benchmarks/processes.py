"""Processes of a section, and what they use, as Linux counts it."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
_TICKS = os.sysconf("SC_CLK_TCK")
_STOP_SECONDS = 60.0
_READY_SECONDS = 120.0


class RunningProcess:
    """A process `python -m ...` whose output is dropped. It ends with the context of `start`."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    @classmethod
    @contextmanager
    def start(cls, *arguments: str, environ: Mapping[str, str] | None = None) -> Iterator["RunningProcess"]:
        process = subprocess.Popen(
            (sys.executable, "-m", *arguments),
            cwd=ROOT,
            env=os.environ | (environ or {}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield cls(process)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    @property
    def cpu_seconds(self) -> float:
        """User and system time so far, in steps of 10 ms."""
        return cpu_seconds(self._process.pid)

    @property
    def memory_mb(self) -> float:
        """Resident memory."""
        return memory_mb(self._process.pid)


def cpu_seconds(pid: int) -> float:
    """Return the user and system time of a process so far, in steps of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def await_http(url: str, process: RunningProcess | None = None) -> None:
    """Return when `url` answers 200. Raises TimeoutError, also at once when the process has ended."""
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and not (process and process.has_ended):
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - an address of this machine
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise TimeoutError(f"{url} does not answer")


def run_python(code: str) -> tuple[float, float]:
    """Run `code` in a new Python; return its CPU seconds and its resident memory in MB at the end."""
    measured = (
        f"{code}\nimport pathlib, time\n"
        "rss = [x for x in pathlib.Path('/proc/self/status').read_text().splitlines() if x.startswith('VmRSS')]\n"
        "print(time.process_time(), int(rss[0].split()[1]) / 1024)"
    )
    printed = subprocess.run(
        (sys.executable, "-c", measured), check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout
    cpu, memory = printed.split()
    return float(cpu), float(memory)
