"""`make audit`: reports advisories on the dependencies, and what could not be audited.

Exit code 1 if an advisory applies; 0 if none does or an advisory service is out of reach, which the last lines report.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_TIMEOUT = 600


def main() -> int:
    count, unknown = 0, []
    for name, (bad, failure) in {
        "deploy/runtime.lock": audit_python("deploy/runtime.lock"),
        "requirements-dev.lock": audit_python("requirements-dev.lock"),
        "web/package-lock.json": audit_node(),
    }.items():
        count += len(bad)
        if failure:
            unknown.append(f"{name}: NOT AUDITED: {failure}")
        else:
            report_line(f"{name}: {'; '.join(bad) or 'no advisory applies'}")
    for line in unknown:
        report_line(line)
    return 1 if count else 0


def audit_python(lock: str) -> tuple[Sequence[str], str]:
    """Return the advisories, and why the audit failed (empty if it did not)."""
    words = ["--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json", "-r", lock]
    process = run([str(_ROOT / ".venv" / "bin" / "pip-audit"), *words])
    try:
        packages = json.loads(process.stdout)["dependencies"]
    except (ValueError, KeyError):
        return (), last_line(process.stderr)
    skipped = [one for one in packages if "skip_reason" in one]
    bad = [
        f"{one['name']} {one['version']}: {advisory['id']}"
        for one in packages
        for advisory in one.get("vulns", ())
    ]
    # pip-audit reports success for packages that its service did not know.
    if skipped:
        return bad, f"{len(skipped)} of {len(packages)} packages: {skipped[0]['skip_reason']}"
    return bad, ""


def audit_node() -> tuple[Sequence[str], str]:
    process = run(["npm", "audit", "--json", "--package-lock-only"], folder="web")
    try:
        report = json.loads(process.stdout)
    except ValueError:
        return (), last_line(process.stderr)
    if "vulnerabilities" not in report:
        return (), str(
            report.get("message") or report.get("error") or "npm's advisory service did not respond"
        )
    return [f"{name}: {one['severity']}" for name, one in report["vulnerabilities"].items()], ""


def run(command: Sequence[str], folder: str = ".") -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 (fixed commands)
        command, cwd=_ROOT / folder, capture_output=True, text=True, timeout=_TIMEOUT, check=False
    )


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no output"])[-1]


def report_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
