"""The command line. In the wheel this package carries the other rooms in `_rooms`, where no other project's module can
shadow them: that folder goes first on sys.path before anything of ours is imported (docs/adr/0034)."""

import os.path  # loaded already, unlike pathlib
import sys

_ROOMS = os.path.join(os.path.dirname(__file__), "_rooms")  # noqa: PTH118, PTH120

if os.path.isdir(_ROOMS) and _ROOMS not in sys.path:  # noqa: PTH112
    sys.path.insert(0, _ROOMS)
