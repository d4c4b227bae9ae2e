"""Security headers and CORS."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from runtime.errors import ConfigurationError
from runtime.settings import Settings
from tests.unit.api.fakes import client_of, dependencies

DESK = "https://desk.example"
PREFLIGHT = {
    "Origin": DESK,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type,x-api-key",
}


@pytest.mark.parametrize("path", ["/", "/health", "/api/v1/jobs", "/api/v1/jobs/unknown", "/nowhere"])
async def test_every_response_has_security_headers(
    engine: AsyncEngine, broker: MemoryBroker, path: str
) -> None:
    async with client_of(dependencies(engine, broker=broker)) as client:
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers.get_list("content-security-policy")[0].startswith("default-src")
        assert len(headers.get_list("content-security-policy")) == 1


async def test_rate_limit_response_has_security_and_cors_headers(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    deps = dependencies(engine, broker=broker, rate_limit=1, cors_origins=DESK)
    async with client_of(deps) as client:
        await client.get("/api/v1/jobs")
        refused = await client.get("/api/v1/jobs", headers={"Origin": DESK})
        assert refused.status_code == 429
        assert refused.headers["x-content-type-options"] == "nosniff"
        assert refused.headers["access-control-allow-origin"] == DESK


async def test_cors_allows_configured_origins_only(engine: AsyncEngine, broker: MemoryBroker) -> None:
    async with client_of(dependencies(engine, broker=broker)) as client:
        assert (await client.options("/analyze", headers=PREFLIGHT)).status_code == 405
        assert "access-control-allow-origin" not in (await client.get("/health", headers=PREFLIGHT)).headers
    async with client_of(dependencies(engine, broker=broker, cors_origins=DESK)) as client:
        allowed = await client.options("/analyze", headers=PREFLIGHT)
        assert allowed.headers["access-control-allow-origin"] == DESK
        assert "access-control-allow-credentials" not in allowed.headers
        other = await client.options("/analyze", headers=PREFLIGHT | {"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers
        read = await client.get("/api/v1/jobs", headers={"Origin": DESK})
        assert "RateLimit" in read.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    "origin", ["*", "desk.example", "https://desk.example/", "https://*.example", "null"]
)
def test_cors_setting_refuses_invalid_origins(origin: str) -> None:
    with pytest.raises(ConfigurationError, match="STRANDLINE_CORS_ORIGINS"):
        Settings.load(cors_origins=origin)


@pytest.mark.parametrize("network", ["everybody", "10.0.0.1/8", "traefik"])
def test_trusted_proxies_setting_refuses_invalid_networks(network: str) -> None:
    with pytest.raises(ConfigurationError, match="STRANDLINE_TRUSTED_PROXIES"):
        Settings.load(trusted_proxies=network)
