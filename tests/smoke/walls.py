"""Checks what is reachable from outside and from inside."""

import json
import socket
from itertools import product

import httpx

from tests.smoke.compose import Project, SmokeFailure, run_command

_REFUSED = ("/analyze", "/results", "/metrics", "/livez", "/readyz", "/health", "/openapi.json")
_DISGUISES = ("{}", "{}/", "/{}", "/api/..{}", "/api/%2e%2e{}", "/assets/..{}", "{}?x=/api/")
_HOSTS = ("localhost", "analysis-service", "analysis-service:8000", "analyzer:9000", "mysql:3306")
_OPEN = ("/", "/api/v1/analysis/results")

_ASK = """
import json, sys, urllib.request
body = json.dumps({"symbol": "BTCUSDT", "request_id": sys.argv[1]}).encode()
ask = urllib.request.Request("http://analysis-service:8000/analyze", body, {"content-type": "application/json"})
print(urllib.request.urlopen(ask, timeout=30).read().decode())
"""
_RESOLVES = """
import socket, sys
for name in sys.argv[1:]:
    try:
        socket.getaddrinfo(name, 80)
        print(name)
    except OSError:
        pass
"""


def check_refused_paths(project: Project) -> int:
    """Request internal paths from outside in many spellings; return how many. Raises SmokeFailure if one is served."""
    tried = 0
    with httpx.Client(base_url=project.web, timeout=10, trust_env=False) as http:
        for path in _OPEN:
            http.get(path).raise_for_status()
        for path, disguise, host, method in product(_REFUSED, _DISGUISES, _HOSTS, ("GET", "POST")):
            status = _request_status(project.web, method, disguise.format(path), host)
            tried += 1
            if status not in {400, 404}:
                raise SmokeFailure(f"{method} {disguise.format(path)} (Host: {host}) answered {status}")
    return tried


def _request_status(web: str, method: str, target: str, host: str) -> int:
    """Send over a plain socket, because a client would normalise the path."""
    address = httpx.URL(web)
    with socket.create_connection((address.host, address.port or 80), timeout=10) as line:
        body = b'{"symbol": "BTCUSDT"}' if method == "POST" else b""
        head = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        line.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return int(line.makefile("rb").readline().split()[1])


def check_published_ports(project: Project) -> None:
    """Check that only Traefik and Prometheus publish ports, on loopback."""
    published = {
        (one["Service"], port["URL"])
        for one in project.containers()
        for port in one["Publishers"] or ()
        if port["PublishedPort"]
    }
    if published != {("traefik", "127.0.0.1"), ("prometheus", "127.0.0.1")}:
        raise SmokeFailure(f"published: {sorted(published)}")


def check_traefik_network(project: Project) -> None:
    """Check that Traefik's network has only the API and Prometheus: no route could lead elsewhere."""
    network = run_command(["docker", "network", "inspect", f"{project.name}_front"])
    members = {
        one["Name"].removeprefix(f"{project.name}-") for one in json.loads(network)[0]["Containers"].values()
    }
    if members != {"traefik-1", "api-1", "prometheus-1"}:
        raise SmokeFailure(f"on the network `front`: {sorted(members)}")


def check_analysis_service(project: Project) -> str:
    """Call it from the API's container and from a new one on the network `callers`, which must see nothing else."""
    project.run_python("api", _ASK, "smoke-inside-1")
    caller = [
        "docker",
        "run",
        "--rm",
        "--network",
        f"{project.name}_callers",
        "--entrypoint",
        "python",
        project.image,
        "-c",
    ]
    answer = run_command([*caller, _ASK, "smoke-inside-2"])
    if json.loads(answer)["status"] != "accepted":
        raise SmokeFailure(f"/analyze answered {answer}")
    resolved = run_command(
        [*caller, _RESOLVES, "analysis-service", "mysql", "kafka", "redis", "api", "analyzer"]
    )
    if resolved != "analysis-service":
        raise SmokeFailure(f"on the network `callers`: {resolved.split()}")
    return answer


def check_image(project: Project) -> None:
    """Check that the image runs without root, build tools and a writable root file system."""
    project.run_in("api", "sh", "-c", "test $(id -u) != 0 && ! touch /opt/strandline/x 2>/dev/null")
    tools = project.run_in("api", "sh", "-c", "command -v gcc cc make npm node uv hatchling", check=False)
    if tools:
        raise SmokeFailure(f"build tools in the image: {tools.split()}")
