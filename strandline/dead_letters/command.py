"""`strandline dead-letters`: what nobody could read, and what becomes of it."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from broker.dead_letters.reading import DeadLetterAddress
from broker.dead_letters.store import BrokerDeadLetterStore, DeadLetterStore, Span
from runtime.errors import StrandlineError
from runtime.settings import Settings
from strandline import options
from strandline.api_client import ApiClient
from strandline.dead_letters.remote import RemoteDeadLetterStore
from strandline.dead_letters.table import print_letter, print_letters

T = TypeVar("T")

dead_letters = typer.Typer(
    help="What nobody could read: look at it, publish it again, or delete it.", no_args_is_help=True
)

At = Annotated[str, typer.Argument(metavar="ADDRESS", help="as `list` shows it, such as 3:42")]
AtOrNone = Annotated[
    str | None, typer.Argument(metavar="[ADDRESS]", help="as `list` shows it", show_default=False)
]
Every = Annotated[bool, typer.Option("--all", help="all that lie there now")]


@dead_letters.command(name="list")
def list_letters(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="how many of the newest")] = 50,
    api: options.ApiUrl = None,
) -> None:
    """Show the newest: address, source, error, time, and the first bytes."""
    newest, total = _done(lambda box: box.newest(limit), api)
    print_letters(Console(), newest, total)


@dead_letters.command()
def show(
    address: At,
    raw: Annotated[bool, typer.Option("--raw", help="only the value, byte for byte")] = False,
    api: options.ApiUrl = None,
) -> None:
    """Show one whole: where it came from, why it is here, its headers and its value."""
    where = _read(address)
    letter = _done(lambda box: box.one(where), api)
    if raw:
        sys.stdout.buffer.write(letter.record.value or b"")
    else:
        print_letter(Console(), letter)


@dead_letters.command()
def replay(address: AtOrNone = None, every: Every = False, api: options.ApiUrl = None) -> None:
    """Publish key, value and headers again on the topic they came from, once what was wrong is mended.

    The letter stays where it is until it is dropped, so replaying twice publishes twice: safe for requests that have
    an id of their own, and for results. What still cannot be read comes back as a new letter.
    """
    chosen = _one_or_all(address, every)
    replayed, failed = _done(lambda box: box.replay(chosen), api)
    for error in failed:
        typer.secho(error, err=True, fg="yellow")
    typer.echo(f"{replayed} published again")
    if failed:
        raise StrandlineError(f"{len(failed)} cannot be published again")


@dead_letters.command()
def drop(
    address: AtOrNone = None,
    every: Every = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
    api: options.ApiUrl = None,
) -> None:
    """Delete a letter AND ALL OLDER ONES OF ITS PARTITION, for good: Kafka deletes no single record.

    Look through the older ones first. Without this, each goes by itself after 30 days.
    """
    chosen = _one_or_all(address, every)
    doomed = _done(lambda box: box.spans(chosen), api)
    if not doomed:
        typer.echo("nothing to drop")
        return
    if not yes:
        typer.confirm(f"{_described(doomed)} will be deleted for good. Go on?", abort=True)
    _done(lambda box: box.drop(doomed), api)
    typer.echo(f"{_described(doomed)} deleted")


def _read(address: str) -> DeadLetterAddress:
    try:
        return DeadLetterAddress.parse(address)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _one_or_all(address: str | None, every: bool) -> DeadLetterAddress | None:
    """None: all."""
    if (address is None) == (not every):
        raise typer.BadParameter("name one ADDRESS, or say --all")
    return None if address is None else _read(address)


@asynccontextmanager
async def _opened(settings: Settings, api: str | None) -> AsyncIterator[DeadLetterStore]:
    """The broker's where a Kafka is set, else that of a running `up`."""
    if not settings.kafka_bootstrap or api is not None:
        async with ApiClient.of(settings, api) as client:
            yield RemoteDeadLetterStore(client)
        return
    # Here, for `--help` needs no Kafka client.
    from broker.kafka.broker import KafkaBroker  # noqa: PLC0415

    broker = KafkaBroker(settings)
    try:
        yield BrokerDeadLetterStore(broker)
    finally:
        await broker.close()


def _done(work: Callable[[DeadLetterStore], Awaitable[T]], api: str | None) -> T:
    async def opened() -> T:
        async with _opened(Settings.load(), api) as box:
            return await work(box)

    return asyncio.run(opened())


def _described(doomed: Sequence[Span]) -> str:
    count = sum(span.letters for span in doomed)
    parts = [f"{span.partition}:{span.first} to {span.partition}:{span.last}" for span in doomed]
    return f"{count} letter{'s' if count > 1 else ''} ({', '.join(parts)})"
