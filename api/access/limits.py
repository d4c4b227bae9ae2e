"""How often one client may ask, kept before anything else is done for it; and who that client is."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_network

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.client_address import client_address, neighbourhood
from api.access.counters import Counters
from api.access.quotas import Count, Quota, headers
from api.access.security import HEADER, Gate
from api.http.problems import respond
from runtime.errors import Transient
from runtime.settings import Settings

_LIMITED = ("/api/", "/analyze", "/results")
"""What is behind the pages. They themselves, and the health, are cheap, and must be had."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Limits:
    """Refuses with 429 what is too much, and tells every client what is left. `state.client` is who it is."""

    def __init__(self, app: ASGIApp, *, settings: Settings, gate: Gate, counters: Counters) -> None:
        self._app = app
        self._settings = settings
        self._gate = gate
        self._counters = counters
        self._trusted = [ip_network(written) for written in settings.trusted_proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_LIMITED):
            await self._app(scope, receive, send)
            return
        client, keyed = await self._client(scope)
        scope.setdefault("state", {})["client"] = client
        quotas = self._quotas(keyed=keyed, reads=scope["method"] in _READING)
        if not quotas:
            await self._app(scope, receive, send)
            return
        counts = await self._counters.count(client, quotas)
        told = headers(counts)
        if spent := [one for one in counts if one.exceeded]:
            await _refusal(spent, told)(scope, receive, send)
            return

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told)
            await send(message)

        await self._app(scope, receive, tell)

    async def _client(self, scope: Scope) -> tuple[str, bool]:
        """Whoever has a valid key is counted by it, from wherever it comes; all others by their address."""
        sent = Headers(scope=scope)
        if given := sent.get(HEADER):
            try:
                holder = await self._gate.holder(given)
            except Transient:
                holder = None  # what it is asked for tells it so
            if holder is not None:
                return f"key:{holder.id}", True
        peer = scope["client"][0] if scope.get("client") else None
        address = client_address(peer, sent.getlist("x-forwarded-for"), self._trusted)
        return f"address:{neighbourhood(address)}", False

    def _quotas(self, *, keyed: bool, reads: bool) -> Sequence[Quota]:
        settings = self._settings
        most = settings.rate_limit_key if keyed else settings.rate_limit
        quotas = [Quota("requests", most)]
        if not reads:
            quotas.append(Quota("writes", settings.rate_limit_writes))
        return [quota for quota in quotas if quota.most]


def _refusal(spent: Sequence[Count], told: Mapping[str, str]) -> ASGIApp:
    wait = max(one.left for one in spent)
    named = " and ".join(f"{one.quota.most} {one.quota.name}" for one in spent)
    retry = {"Retry-After": str(max(1, int(wait) + 1))}
    return respond(
        429,
        f"more than {named} a minute: wait {retry['Retry-After']} s",
        headers={**retry, **told},
    )
