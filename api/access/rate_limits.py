"""Rate limits by client, checked before anything else is done for a request."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_network

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.access_control import AccessControl, read_key
from api.access.client_address import client_address, client_network
from api.access.counters import RequestCounters
from api.access.quotas import LIMITED_PATHS, Quota, QuotaUsage, rate_limit_headers
from api.http.problems import problem_response
from runtime.errors import Transient
from runtime.settings import Settings

_READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class RateLimitMiddleware:
    """Answers 429 above a quota, and reports the quotas to each client. Sets `state.client`, the client's name."""

    def __init__(
        self, app: ASGIApp, *, settings: Settings, access: AccessControl, counters: RequestCounters
    ) -> None:
        self._app = app
        self._settings = settings
        self._access = access
        self._counters = counters
        self._trusted = [ip_network(network) for network in settings.trusted_proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(LIMITED_PATHS):
            await self._app(scope, receive, send)
            return
        client, has_key = await self._identify(scope)
        scope.setdefault("state", {})["client"] = client
        quotas = self._select_quotas(has_key=has_key, is_read=scope["method"] in _READ_METHODS)
        if not quotas:
            await self._app(scope, receive, send)
            return
        usages = await self._counters.count_request(client, quotas)
        headers = rate_limit_headers(usages)
        if exceeded := [usage for usage in usages if usage.is_exceeded]:
            await _too_many_requests(exceeded, headers)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    async def _identify(self, scope: Scope) -> tuple[str, bool]:
        """Return the name of the client, and whether it has a valid key: it is named by its key, else its address."""
        headers = Headers(scope=scope)
        if key := read_key(headers):
            try:
                holder = await self._access.find_holder(key)
            except Transient:
                holder = None  # the route answers 503 where it needs the key
            if holder is not None:
                return f"key:{holder.id}", True
        peer = scope["client"][0] if scope.get("client") else None
        address = client_address(peer, headers.getlist("x-forwarded-for"), self._trusted)
        return f"address:{client_network(address)}", False

    def _select_quotas(self, *, has_key: bool, is_read: bool) -> Sequence[Quota]:
        settings = self._settings
        quotas = [Quota("requests", settings.rate_limit_key if has_key else settings.rate_limit)]
        if not is_read:
            quotas.append(Quota("writes", settings.rate_limit_writes))
        return [quota for quota in quotas if quota.limit]


def _too_many_requests(exceeded: Sequence[QuotaUsage], headers: Mapping[str, str]) -> ASGIApp:
    wait = max(usage.seconds_left for usage in exceeded)
    limits = " and ".join(f"{usage.quota.limit} {usage.quota.name}" for usage in exceeded)
    retry = {"Retry-After": str(max(1, int(wait) + 1))}
    return problem_response(
        429,
        f"more than {limits} a minute: wait {retry['Retry-After']} s",
        headers={**retry, **headers},
    )
