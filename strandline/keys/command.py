"""`strandline keys`: create, list and revoke the keys of the API. Only the hash of a key is stored."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from runtime.errors import ConfigurationError, StrandlineError
from runtime.settings import Settings
from storage import api_keys as key_table
from storage.api_key_format import SCOPES, ApiKey, Scope, generate_key, is_key_id, parse_key_id
from strandline.terminal import echo, print_table

T = TypeVar("T")

keys = typer.Typer(help="Create, list and revoke the keys of the API.", no_args_is_help=True)

_MAX_NAME_LENGTH = 64
_DEFAULT_SCOPES = ["read", "enqueue", "watch"]


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="owner or purpose of the key")],
    scope: Annotated[
        list[str], typer.Option("--scope", "-s", help=f"one or several of {', '.join(SCOPES)}")
    ] = _DEFAULT_SCOPES,
    days: Annotated[float | None, typer.Option(help="validity in days; without end if left out")] = None,
) -> None:
    """Create a key and print it once. As soon as one exists, writes need a key."""
    now = datetime.now(UTC)
    secret, key = generate_key(_check_name(name), _parse_scopes(scope), now, _expiry(now, days))
    _run(lambda connection: key_table.add(connection, key))
    echo(secret)
    echo("Store it now: it is not shown again. Send it in the header X-API-Key.", err=True)


@keys.command(name="list")
def list_keys() -> None:
    """List all keys, revoked ones included, without their secrets."""
    found = list(_run(key_table.load_all).values())
    if not found:
        echo("no keys: writes are open, unless STRANDLINE_WRITES or STRANDLINE_API_KEYS close them")
        return
    table = Table("id", "name", "scopes", "created", "state", box=None, header_style="bold")
    now = datetime.now(UTC)
    for key in found:
        scopes = " ".join(scope for scope in SCOPES if scope in key.scopes)
        table.add_row(key.id, key.name, scopes, f"{key.created_at:%Y-%m-%d %H:%M}", describe_state(key, now))
    print_table(Console(), table)


@keys.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="as `list` shows it")]) -> None:
    """Revoke a key for good, within seconds. A whole key is accepted instead of its id."""
    key_id = parse_key_id(key_id) or key_id
    if not _run(lambda connection: key_table.revoke(connection, key_id, datetime.now(UTC))):
        # Only what looks like an id is printed: anything else may be a secret.
        shown = f" {key_id}" if is_key_id(key_id) else ""
        raise StrandlineError(f"no key has the id{shown}: `strandline keys list` shows the ids")
    echo(f"revoked {key_id}; every API process refuses it within 10 s")


@keys.command()
def vapid() -> None:
    """Make the two keys of Web Push and print them as settings. The private one belongs to the notifier only."""
    from consumers.notifier.web_push.vapid import generate_keys  # noqa: PLC0415

    made = generate_keys()
    echo(f"STRANDLINE_VAPID_PUBLIC_KEY={made.public}")
    echo(f"STRANDLINE_VAPID_PRIVATE_KEY={made.private}")
    echo("STRANDLINE_VAPID_CONTACT=mailto:you@example.com")
    echo("Browsers that subscribed with other keys must subscribe once more.", err=True)


def describe_state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if not key.is_valid(now):
        return f"expired {key.expires_at:%Y-%m-%d}"
    return f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "valid"


def _check_name(name: str) -> str:
    if not name.strip() or len(name) > _MAX_NAME_LENGTH or not name.isprintable():
        raise ConfigurationError(f"key name {name[:20]!r}: use 1 to {_MAX_NAME_LENGTH} printable characters")
    return name.strip()


def _parse_scopes(written: Sequence[str]) -> list[Scope]:
    names = [word.strip() for part in written for word in part.split(",")]
    if unknown := [word for word in names if word not in SCOPES]:
        raise ConfigurationError(f"unknown scope {unknown[0][:20]!r}: use {', '.join(SCOPES)}")
    return [scope for scope in SCOPES if scope in names]


def _expiry(now: datetime, days: float | None) -> datetime | None:
    if days is None:
        return None
    if not 0 < days <= 36_500:
        raise ConfigurationError(f"--days {days:g}: use a number above 0, at most 36500")
    return now + timedelta(days=days)


def _run(work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    return asyncio.run(_with_database(work))


async def _with_database(work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    # Imported here because other commands need no database.
    from storage.database import open_database  # noqa: PLC0415
    from storage.database_errors import translate_errors  # noqa: PLC0415

    engine = open_database(_settings().require_database_url())
    try:
        with translate_errors("run `strandline db upgrade`, and allow the URL's user to write `api_keys`"):
            async with asyncio.timeout(30), engine.begin() as connection:
                return await work(connection)
    finally:
        await engine.dispose()


def _settings() -> Settings:
    """Return the settings, with the database of `strandline up` where none is set."""
    settings = Settings.load()
    return settings.with_default_database() if settings.data_dir.is_dir() else settings
