"""The container's health check: whether one page of this container answers 200. Loads nothing of ours, to be cheap.

Without an argument it asks for /readyz at the role's ops port; `healthy.py 8000 /health` asks for that page.
"""

import http.client
import os
import sys

_TIMEOUT = 4.0


def main(port: str, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=_TIMEOUT)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        said = answer.read(500).decode(errors="replace")
    except OSError as error:
        said, status = str(error), 0
    else:
        status = answer.status
    finally:
        connection.close()
    sys.stdout.write(f"{path}: {status} {said}\n")
    return 0 if status == 200 else 1


if __name__ == "__main__":
    asked = sys.argv[1:] or [os.environ.get("STRANDLINE_OPS_PORT", "9000"), "/readyz"]
    sys.exit(main(*asked))
