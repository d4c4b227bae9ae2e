"""Writes each password as a file into the volumes of the services that may read it.

A password comes from the environment (.env), else from an earlier start, else it is generated. MySQL and Grafana read
them only when their data volume is new: to change one later, change it in the service as well.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import quote

_ROOT = Path("/secrets")
_USERS = ("migrate", "write", "read")


def main() -> None:
    root = choose_password("MYSQL_ROOT_PASSWORD", _ROOT / "mysql" / "root")
    write(_ROOT / "mysql" / "root", root)
    for name in _USERS:
        file = _ROOT / "mysql" / name
        secret = choose_password(f"MYSQL_{name.upper()}_PASSWORD", file)
        write(file, secret)
        url = f"mysql+aiomysql://strandline_{name}:{quote(secret, safe='')}@mysql/strandline"
        write(_ROOT / name / "strandline_database_url", url)
    admin = _ROOT / "grafana" / "admin"
    write(admin, choose_password("GRAFANA_PASSWORD", admin))


def choose_password(variable: str, file: Path) -> str:
    configured = os.environ.get(variable, "")
    return configured or (file.read_text() if file.exists() else secrets.token_urlsafe(24))


def write(file: Path, text: str) -> None:
    """Write atomically. Any user may read the file: docker-compose.yml decides which service gets the volume."""
    temporary = file.with_suffix(".part")
    temporary.write_text(text)
    temporary.chmod(0o444)
    temporary.replace(file)


if __name__ == "__main__":
    main()
