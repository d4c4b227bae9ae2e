"""`make audit`: known weaknesses of what we depend on. Says what could not be looked up, rather than call it sound.

Exit code 1 where an advisory applies; 0 where none does, or where the services that know are out of reach, which the
last lines say.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_TIMEOUT = 600


def main() -> int:
    found, unknown = 0, []
    for name, (bad, why_not) in {
        "deploy/runtime.lock": python("deploy/runtime.lock"),
        "requirements-dev.lock": python("requirements-dev.lock"),
        "web/package-lock.json": node(),
    }.items():
        found += len(bad)
        if why_not:
            unknown.append(f"{name}: NOT AUDITED: {why_not}")
        else:
            say(f"{name}: {'; '.join(bad) or 'no advisory applies'}")
    for line in unknown:
        say(line)
    return 1 if found else 0


def python(lock: str) -> tuple[Sequence[str], str]:
    """What is wrong, and why it cannot be known (empty where it can)."""
    words = ["--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json", "-r", lock]
    done = ran([str(_ROOT / ".venv" / "bin" / "pip-audit"), *words])
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return (), last_line(done.stderr)
    skipped = [one for one in packages if "skip_reason" in one]
    bad = [
        f"{one['name']} {one['version']}: {hole['id']}" for one in packages for hole in one.get("vulns", ())
    ]
    # pip-audit calls a list sound of which its service knew nothing at all.
    if skipped:
        return bad, f"{len(skipped)} of {len(packages)} packages: {skipped[0]['skip_reason']}"
    return bad, ""


def node() -> tuple[Sequence[str], str]:
    done = ran(["npm", "audit", "--json", "--package-lock-only"], folder="web")
    try:
        told = json.loads(done.stdout)
    except ValueError:
        return (), last_line(done.stderr)
    if "vulnerabilities" not in told:
        return (), str(told.get("message") or told.get("error") or "npm's advisory service did not answer")
    return [f"{name}: {one['severity']}" for name, one in told["vulnerabilities"].items()], ""


def ran(command: Sequence[str], folder: str = ".") -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 (our own words)
        command, cwd=_ROOT / folder, capture_output=True, text=True, timeout=_TIMEOUT, check=False
    )


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
