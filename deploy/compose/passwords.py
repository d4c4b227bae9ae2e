"""Writes the passwords of the database's users into the volumes of those who may know them, one file each.

One that is set in the environment (.env) is taken; else the one of an earlier start; else one is made up. MySQL learns
them when its data volume is new: who changes one later changes it there too (ALTER USER).
"""

import os
import secrets
from pathlib import Path
from urllib.parse import quote

_ROOT = Path("/secrets")
_USERS = ("migrate", "write", "read")


def password(name: str) -> str:
    given = os.environ.get(f"MYSQL_{name.upper()}_PASSWORD", "")
    kept = _ROOT / "mysql" / name
    return given or (kept.read_text() if kept.exists() else secrets.token_urlsafe(24))


def main() -> None:
    passwords = {name: password(name) for name in ("root", *_USERS)}
    for name, value in passwords.items():
        write(_ROOT / "mysql" / name, value)
    for name in _USERS:
        url = f"mysql+aiomysql://strandline_{name}:{quote(passwords[name], safe='')}@mysql/strandline"
        write(_ROOT / name / "strandline_database_url", url)


def write(file: Path, text: str) -> None:
    """Whole or not at all. Readable by the role's user: who gets the volume is decided in docker-compose.yml."""
    part = file.with_suffix(".part")
    part.write_text(text)
    part.chmod(0o444)
    part.replace(file)


if __name__ == "__main__":
    main()
