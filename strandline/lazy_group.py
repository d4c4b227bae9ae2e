"""Commands that are imported when they are named, so that a role loads its own dependencies only."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from strandline.interrupt import exit_on_interrupt

COMMANDS = {
    "up": "strandline.up.command:up",
    "doctor": "strandline.doctor.command:doctor",
    "request": "strandline.request.command:request",
    "levels": "strandline.levels.command:levels",
    "replay-levels": "strandline.replay_levels.command:replay_levels",
    "evaluate": "strandline.evaluate.command:evaluate",
    "tail": "strandline.tail.command:tail",
    "analyzer": "strandline.roles:analyzer",
    "sink": "strandline.roles:sink",
    "api": "strandline.roles:api",
    "prices": "strandline.roles:prices",
    "feed": "strandline.roles:feed",
    "notifier": "strandline.roles:notifier",
    "scheduler": "strandline.roles:scheduler",
    "watcher": "strandline.roles:watcher",
    "tracker": "strandline.roles:tracker",
    "simulator": "strandline.roles:simulator",
    "topics": "strandline.setup:topics",
    "db": "strandline.setup:db",
    "dead-letters": "strandline.dead_letters.command:dead_letters",
    "keys": "strandline.keys.command:keys",
    "mcp": "strandline.mcp.command:mcp",
}
"""Where each command is: a function, or a group of commands."""


class LazyGroup(TyperGroup):
    """The group of COMMANDS; `--help` imports all of them, a command only itself."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command, imported; None where there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in self.commands:
            self.commands[cmd_name] = _import_command(cmd_name)
        return self.commands[cmd_name]


def _import_command(name: str) -> Any:
    """Return typer's command of the name, as it would be had the application listed it."""
    module, _, attribute = COMMANDS[name].partition(":")
    with exit_on_interrupt():
        found = getattr(import_module(module), attribute)
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    if isinstance(found, typer.Typer):
        app.add_typer(found, name=name)
    else:
        app.command(name)(found)
    return typer.main.get_group(app).commands[name]
