"""Servers and roles that stay up from round to round, as long as the next fault needs the same stand."""

from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

from tests.support.databases import fresh_mysql
from tests.support.faults.breakable import Owned, Servers, run_servers
from tests.support.faults.faults import Fault, StandKind
from tests.support.faults.names import ServiceNames
from tests.support.faults.stand import FaultEnvironment, start_on_kafka
from tests.support.faults.wall import SteppedClock, find_faketime
from tests.support.kafka_cluster import run_cluster


class KeptStand:
    """Opens a stand when first needed. After a round that broke, `close` it: the next one gets others.

    Without `servers` it starts its own, and new ones after `close`.
    """

    def __init__(self, folder: Path, servers: Servers | None = None) -> None:
        self._folder = folder
        self._given = self._servers = servers
        self._server_stack = AsyncExitStack()
        self._stand: FaultEnvironment | None = None
        self._stand_stack = AsyncExitStack()
        self._kind: StandKind | None = None
        self._opened = 0

    async def open(self, fault: Fault) -> FaultEnvironment:
        """Return the open stand if it suits the fault, else another. Raises FileNotFoundError without libfaketime."""
        if self._stand is None or self._kind != fault.stand:
            await self._close_stand()
            self._stand = await self._start(fault.stand)
            self._kind = fault.stand
        await self._stand.exchange.forget_calls()
        return self._stand

    async def close(self) -> None:
        """End the roles and the servers."""
        try:
            await self._close_stand()
        finally:
            self._servers = self._given
            await self._server_stack.aclose()

    async def _close_stand(self) -> None:
        self._stand = None
        await self._stand_stack.aclose()

    async def _start(self, kind: StandKind) -> FaultEnvironment:
        if self._servers is None:
            self._servers = self._server_stack.enter_context(run_servers())
        self._opened += 1
        logs = self._folder / f"stand-{self._opened}"
        logs.mkdir()
        owned = self._owned(kind, logs)
        url = self._stand_stack.enter_context(fresh_mysql(self._servers.mysql.address))
        return await self._stand_stack.enter_async_context(
            start_on_kafka(owned.bootstrap, url, logs, owned=owned, bans_past=kind.bans_past)
        )

    def _owned(self, kind: StandKind, logs: Path) -> Owned:
        assert self._servers is not None
        if kind.cluster:
            cluster = run_cluster(self._stand_stack.enter_context(ExitStack()))
            return self._servers.owned(cluster=cluster)
        names = ServiceNames(logs / "names") if kind.own_names else None
        if not kind.own_clock:
            return self._servers.owned(names=names)
        if (library := find_faketime()) is None:
            raise FileNotFoundError("libfaketimeMT.so.1 is not installed: apt-get install faketime")
        return self._servers.owned(SteppedClock(library, logs / "wall"))
