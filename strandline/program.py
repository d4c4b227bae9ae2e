"""How this program is called here, for advice that can be copied."""

import shutil
import sys
from pathlib import Path


def command_name() -> str:
    """Return `strandline` where that is on the PATH, else the path under which this process was started."""
    started = Path(sys.argv[0])
    found = shutil.which("strandline")
    if started.name == "__main__.py":
        return f"{Path(sys.executable).name} -m strandline"
    if started.name != "strandline" or (found is not None and Path(found).resolve() == started.resolve()):
        return "strandline"
    here = Path.cwd()
    path = started.absolute()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
