"""`strandline dead-letters`: list, show, replay and delete records that could not be read."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from broker.dead_letters.reading import DeadLetterAddress
from broker.dead_letters.store import BrokerDeadLetterStore, DeadLetterRange, DeadLetterStore
from runtime.errors import StrandlineError
from runtime.settings import Settings
from strandline import options
from strandline.api_client import ApiClient
from strandline.dead_letters.remote import RemoteDeadLetterStore
from strandline.dead_letters.table import print_letter, print_letters
from strandline.terminal import echo

T = TypeVar("T")

dead_letters = typer.Typer(
    help="Records that could not be read: show, publish again, or delete them.", no_args_is_help=True
)

At = Annotated[str, typer.Argument(metavar="ADDRESS", help="as printed by `list`, such as 3:42")]
AtOrNone = Annotated[
    str | None, typer.Argument(metavar="[ADDRESS]", help="as printed by `list`", show_default=False)
]
Every = Annotated[bool, typer.Option("--all", help="all dead letters there are now")]


@dead_letters.command(name="list")
def list_letters(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="how many of the newest")] = 50,
    api: options.ApiUrl = None,
) -> None:
    """List the newest dead letters: address, source, error, time, and the first bytes."""
    newest, total = _run(lambda box: box.list_newest(limit), api)
    print_letters(Console(), newest, total)


@dead_letters.command()
def show(
    address: At,
    raw: Annotated[bool, typer.Option("--raw", help="print only the bytes of the value")] = False,
    api: options.ApiUrl = None,
) -> None:
    """Show one dead letter: its source, error, headers and value."""
    where = _parse_address(address)
    letter = _run(lambda box: box.load(where), api)
    if raw:
        sys.stdout.buffer.write(letter.record.value or b"")
    else:
        print_letter(Console(), letter)


@dead_letters.command()
def replay(address: AtOrNone = None, every: Every = False, api: options.ApiUrl = None) -> None:
    """Publish key, value and headers again on their source topic, after the cause has been fixed.

    The dead letter stays until it is dropped, so replaying twice publishes twice: safe for requests with an id of
    their own, and for results. A record that still cannot be read becomes a new dead letter.
    """
    chosen = _choose_address(address, every)
    replayed, failed = _run(lambda box: box.replay(chosen), api)
    for error in failed:
        echo(error, err=True, fg="yellow")
    echo(f"{replayed} published again")
    if failed:
        raise StrandlineError(f"{len(failed)} could not be published again: see the errors above")


@dead_letters.command()
def drop(
    address: AtOrNone = None,
    every: Every = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask for confirmation")] = False,
    api: options.ApiUrl = None,
) -> None:
    """Delete a dead letter AND ALL OLDER ONES OF ITS PARTITION for good: Kafka deletes no single record.

    Look through the older ones first. Each expires by itself after 30 days.
    """
    chosen = _choose_address(address, every)
    spans = _run(lambda box: box.find_ranges(chosen), api)
    if not spans:
        echo("nothing to drop")
        return
    if not yes:
        typer.confirm(f"{_format_spans(spans)} will be deleted for good. Continue?", abort=True)
    _run(lambda box: box.drop(spans), api)
    echo(f"{_format_spans(spans)} deleted")


def _parse_address(address: str) -> DeadLetterAddress:
    try:
        return DeadLetterAddress.parse(address)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _choose_address(address: str | None, every: bool) -> DeadLetterAddress | None:
    """Return the address, or None for all. Raises typer.BadParameter."""
    if (address is None) == (not every):
        raise typer.BadParameter("pass either one ADDRESS or --all")
    return None if address is None else _parse_address(address)


@asynccontextmanager
async def _open_store(settings: Settings, api: str | None) -> AsyncIterator[DeadLetterStore]:
    """Open the store of the broker where a Kafka is set, else that of a running `up`."""
    if not settings.kafka_bootstrap or api is not None:
        async with ApiClient.from_settings(settings, api) as client:
            yield RemoteDeadLetterStore(client)
        return
    # Imported here because `--help` needs no Kafka client.
    from broker.kafka.connect import connect_kafka  # noqa: PLC0415

    broker = connect_kafka(settings)
    try:
        yield BrokerDeadLetterStore(broker)
    finally:
        await broker.close()


def _run(work: Callable[[DeadLetterStore], Awaitable[T]], api: str | None) -> T:
    async def work_on_store() -> T:
        async with _open_store(Settings.load(), api) as box:
            return await work(box)

    return asyncio.run(work_on_store())


def _format_spans(spans: Sequence[DeadLetterRange]) -> str:
    count = sum(span.letters for span in spans)
    parts = [f"{span.partition}:{span.first} to {span.partition}:{span.last}" for span in spans]
    return f"{count} dead letter{'s' if count > 1 else ''} ({', '.join(parts)})"
