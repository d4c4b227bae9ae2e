"""`strandline up`: run the whole pipeline in one process."""

import asyncio

from rich.console import Console

from runtime import logging
from runtime.settings import Settings
from runtime.trace_export import export_traces


def up() -> None:
    """Run the whole pipeline in one process: no Docker, no account, no internet. Ctrl-C stops it."""
    console = Console()
    settings = Settings.load()
    if "log_level" not in settings.model_fields_set:
        settings = settings.model_copy(update={"log_level": "WARNING"})
    logging.configure(settings)
    with console.status("loading"):
        # Imported here because ccxt takes seconds to load.
        from strandline.up.console import run  # noqa: PLC0415
    with export_traces(settings, "up"):
        asyncio.run(run(settings, console))
