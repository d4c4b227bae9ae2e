"""Writes passwords into the volumes of those who may know them, one file each.

One that is set in the environment (.env) is taken; else the one of an earlier start; else one is made up. MySQL and
Grafana learn them when their data volume is new: who changes one later changes it there too.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import quote

_ROOT = Path("/secrets")
_USERS = ("migrate", "write", "read")


def main() -> None:
    root = password("MYSQL_ROOT_PASSWORD", _ROOT / "mysql" / "root")
    write(_ROOT / "mysql" / "root", root)
    for name in _USERS:
        kept = _ROOT / "mysql" / name
        secret = password(f"MYSQL_{name.upper()}_PASSWORD", kept)
        write(kept, secret)
        url = f"mysql+aiomysql://strandline_{name}:{quote(secret, safe='')}@mysql/strandline"
        write(_ROOT / name / "strandline_database_url", url)
    admin = _ROOT / "grafana" / "admin"
    write(admin, password("GRAFANA_PASSWORD", admin))


def password(variable: str, kept: Path) -> str:
    given = os.environ.get(variable, "")
    return given or (kept.read_text() if kept.exists() else secrets.token_urlsafe(24))


def write(file: Path, text: str) -> None:
    """Whole or not at all. Any user may read it: who gets the volume is decided in docker-compose.yml."""
    part = file.with_suffix(".part")
    part.write_text(text)
    part.chmod(0o444)
    part.replace(file)


if __name__ == "__main__":
    main()
