"""The command line. In the wheel this package carries the other rooms in `_rooms`, where no other project's module can
shadow them: that folder goes first on sys.path before anything of ours is imported (docs/adr/0034)."""

import sys
from pathlib import Path

_ROOMS = Path(__file__).parent / "_rooms"

if _ROOMS.is_dir() and str(_ROOMS) not in sys.path:
    sys.path.insert(0, str(_ROOMS))
