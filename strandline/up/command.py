"""`strandline up`: run the whole pipeline in one process."""

import asyncio

from rich.console import Console

from runtime import logging
from runtime.garbage import relax_garbage_collection
from runtime.settings import Settings
from runtime.trace_export import export_traces


def up() -> None:
    """Run the whole pipeline in one process: no Docker, no account, no internet. Ctrl-C stops it."""
    console = Console()
    settings = _with_log_defaults(Settings.load())
    logging.configure(settings)
    relax_garbage_collection()
    console.print("[bold]Strandline[/bold]: the whole pipeline in one process; loading")
    with console.status("loading"):
        # Imported here because ccxt takes seconds to load.
        from strandline.up.console import run  # noqa: PLC0415
    with export_traces(settings, "up"):
        asyncio.run(run(settings, console))


def _with_log_defaults(settings: Settings) -> Settings:
    """Log warnings only, and as text: a person reads them, among what this command prints."""
    defaults = {"log_level": "WARNING", "log_format": "text"}
    chosen = {name: value for name, value in defaults.items() if name not in settings.model_fields_set}
    return settings.model_copy(update=chosen)
