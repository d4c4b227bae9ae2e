"""Node and npm, for tests of what other people write in TypeScript."""

import shutil
from pathlib import Path

from tests.support.services import Services


def require_npm(services: Services, package: Path) -> str:
    """Return npm's path. Without it or the package's dependencies the test is skipped, or fails if required."""
    npm = shutil.which("npm")
    if npm is None:
        services.report_absent("node", "npm is not on the path")
    if not (package / "node_modules" / ".ready").exists():
        services.report_absent(
            "node", f"the dependencies of {package.name} are not installed: make check-client"
        )
    return npm
