"""Reports the targets to the table that the API shows, and sends the tests that users request there."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from consumers.notifier.message_text import build_test_notice
from consumers.notifier.targets import EndableTarget, Target
from runtime.clock import Clock
from runtime.errors import Permanent, Transient

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from storage.notification_targets import TargetName, TargetTest

_log = structlog.get_logger(__name__)

POLL_INTERVAL = 1.0
_SEEN_INTERVAL = 10.0
_TEST_TIMEOUT = 15.0


class TargetBoard:
    """Knows how the last delivery to each target went. Without a database it keeps that to itself."""

    def __init__(self, targets: Sequence[Target], engine: "AsyncEngine | None", clock: Clock) -> None:
        self._targets = {target.name: target for target in targets}
        self._engine = engine
        self._clock = clock
        self._outcomes: dict[str, str | None] = {}
        self._tested: dict[TargetTest, str | None] = {}
        self._registered = False
        self._endable = {target.name: target for target in targets if isinstance(target, EndableTarget)}
        self._recorded_gone: dict[str, datetime | None] = {}
        self._seen_at = clock.monotonic()

    def note(self, name: str, error: str | None) -> None:
        """Take note of the outcome of a delivery: None, or why it was abandoned."""
        self._outcomes[name] = error

    async def restore(self) -> None:
        """Take over which targets have ended; without a database, or one that answers, none have."""
        if self._engine is None:
            return
        try:
            await self._register(self._engine)
        except (Transient, TimeoutError) as error:
            _log.warning("notify.targets_not_restored", error=str(error))

    async def follow(self) -> None:
        """Report and look for tests until cancelled; an absent database is tried again."""
        if self._engine is None:
            return
        while True:
            try:
                await self.update(self._engine)
            except (Transient, TimeoutError) as error:
                _log.warning("notify.targets_not_reported", error=str(error))
            await self._clock.sleep(POLL_INTERVAL)

    async def update(self, engine: "AsyncEngine") -> None:
        """Report once, and send the tests that are requested."""
        # Loaded where there is a database only.
        from storage import notification_targets as table  # noqa: PLC0415

        now = self._clock.now()
        if not self._registered:
            await self._register(engine)
        if self._clock.monotonic() - self._seen_at >= _SEEN_INTERVAL:
            await table.mark_seen(engine, list(self._targets), now)
            await self._adopt_gone(engine)
            self._seen_at = self._clock.monotonic()
        if outcomes := dict(self._outcomes):
            await table.record_outcomes(engine, outcomes, now)
            self._outcomes = {
                name: error for name, error in self._outcomes.items() if outcomes.get(name, name) != error
            }
        for test in await table.claim_tests(engine):
            self._tested[test] = error = await self._send_test(test)
            if (
                error is None
            ):  # another notifier may have recorded that it is gone: what this one knows replaces that
                self._recorded_gone.pop(test.name, None)
        await self._record_gone(engine)
        for test, error in list(self._tested.items()):
            await table.finish_test(engine, test, error)
            del self._tested[test]

    async def _register(self, engine: "AsyncEngine") -> None:
        from storage import notification_targets as table  # noqa: PLC0415

        gone = await table.register_targets(engine, self._list_names(self._targets), self._clock.now())
        for name, target in self._endable.items():
            target.gone_at = target.gone_at or gone.get(name)
            self._recorded_gone[name] = gone.get(name)
        self._registered = True

    async def _adopt_gone(self, engine: "AsyncEngine") -> None:
        """Take over which targets other notifiers found gone, or back; what is not recorded yet stays as it is."""
        from storage import notification_targets as table  # noqa: PLC0415

        found = await table.find_gone(engine, self._list_names(self._endable))
        for name, at in found.items():
            if self._is_recorded(name):
                self._endable[name].gone_at = self._recorded_gone[name] = at

    async def _record_gone(self, engine: "AsyncEngine") -> None:
        from storage import notification_targets as table  # noqa: PLC0415

        changed = {
            name: target.gone_at for name, target in self._endable.items() if not self._is_recorded(name)
        }
        if changed:
            names = self._list_names(changed)
            await table.record_gone(engine, {each: changed[each.name] for each in names})
            self._recorded_gone |= changed

    def _is_recorded(self, name: str) -> bool:
        """Return whether the table has since when this target is gone, as far as this notifier knows it."""
        return name in self._recorded_gone and self._recorded_gone[name] == self._endable[name].gone_at

    def _list_names(self, names: Iterable[str]) -> "list[TargetName]":
        from storage.notification_targets import TargetName  # noqa: PLC0415

        hashes = {name: target.address_hash for name, target in self._endable.items()}
        return [TargetName(name, self._targets[name].kind, hashes.get(name)) for name in names]

    async def _send_test(self, test: "TargetTest") -> str | None:
        target = self._targets.get(test.name)
        if target is None:
            return "this notifier has no such target"
        try:
            async with asyncio.timeout(_TEST_TIMEOUT):
                await target.send(build_test_notice(test.test_id, self._clock.now()))
        except TimeoutError:
            return f"no answer within {_TEST_TIMEOUT:g} s"
        except (Transient, Permanent) as error:
            return str(error)
        return None
