"""The command line's entry: Ctrl-C ends it without a traceback, also in the second in which it loads."""

import os
import sys

try:
    from strandline.interrupt import INTERRUPTED, exit_on_interrupt
except KeyboardInterrupt:  # before there is a handler
    os._exit(130)


def main() -> None:
    """Load the commands, and run the one that was called."""
    with exit_on_interrupt():
        from strandline.commands import run  # noqa: PLC0415 (loading takes a second)
    try:
        sys.exit(run())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
