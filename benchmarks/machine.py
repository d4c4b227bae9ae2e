"""What the figures were measured on: the machine without its name, and the commit."""

import os
import platform
import re
import subprocess
from pathlib import Path


def describe_machine() -> str:
    """Return processor, cores, memory, Python and the load before the run; no host names, no paths."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_read_processor()}, {len(os.sched_getaffinity(0))} cores, {gigabytes:.0f} GB, "
        f"Python {platform.python_version()}, load before {os.getloadavg()[0]:.1f}"
    )


def read_commit() -> str:
    """Return the short commit, with `+` where tracked files differ from it; `unknown` outside a repository."""
    try:
        commit = _run_git("rev-parse", "--short", "HEAD")
        return commit + (
            "+" if _run_git("status", "--porcelain", "-uno", "--", ":!docs", ":!README*") else ""
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _run_git(*arguments: str) -> str:
    return subprocess.run(("git", *arguments), check=True, capture_output=True, text=True).stdout.strip()


def _read_processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.machine()
