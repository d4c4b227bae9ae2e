"""Run one section in this process: `python -m benchmarks.run_section benchmarks.levels OUT`.

Writes `{"figures": [...], "problem": ""}` as JSON to OUT. What the section prints goes to the terminal.
"""

import json
import signal
import sys
import traceback
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from benchmarks.figures import SectionUnavailableError


def main(module: str, out: Path) -> None:
    # A section that is stopped ends its containers and processes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        figures, problem = import_module(module).measure(), ""
    except SectionUnavailableError as error:
        figures, problem = [], str(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, it stands in the table, and the others run
        traceback.print_exc()
        figures, problem = [], f"the section failed with {type(error).__name__}"
    out.write_text(json.dumps({"figures": [asdict(figure) for figure in figures], "problem": problem}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
