"""A PostgreSQL of one's own for measuring, durable as in production, with the big desk on it; its data are kept."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from bench.big_desk import CACHE, Scale, fill_postgresql, make_tables, sqlite_desk
from deskapp.store.migrate import upgrade
from tests.support.postgres import account_to_run_as, find_binaries, reachable

PORT = 5432
USER = "desk"
_SETTINGS = {"listen_addresses": "", "shared_buffers": "512MB", "max_wal_size": "4GB", "jit": "off"}


@contextmanager
def postgres_desk(scale: Scale) -> Iterator[str]:
    """The address of the big desk on a server that runs as long as the context; filled from the SQLite one."""
    name = scale.path.stem.replace("-", "_")
    with _server() as socket:
        url = address(socket, name)
        with psycopg.connect(host=socket, port=PORT, user=USER, dbname="postgres", autocommit=True) as admin:
            made = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (f"{name}",)).fetchone()
            if made:
                upgrade(url)
            else:
                _make(admin, socket, name, scale)
        yield url


@contextmanager
def new_database(name: str) -> Iterator[str]:
    """The address of an empty database of a server that runs as long as the context."""
    with _server() as socket:
        with psycopg.connect(host=socket, port=PORT, user=USER, dbname="postgres", autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {name}")
        try:
            yield address(socket, name)
        finally:
            with psycopg.connect(host=socket, port=PORT, user=USER, dbname="postgres", autocommit=True) as admin:
                admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def address(socket: str, name: str) -> str:
    """A database of the server, as the desk takes it."""
    return f"postgresql+psycopg://{USER}@/{name}?host={socket}&port={PORT}"


@contextmanager
def copied(url: str, count: int) -> Iterator[list[str]]:
    """Copies of the desk to write to, dropped at the end."""
    base, _, query = url.partition("?")
    name = base.rpartition("/")[2]
    socket = dict(part.split("=", 1) for part in query.split("&"))["host"]
    names = [f"{name}_copy{number}" for number in range(count)]
    with psycopg.connect(host=socket, port=PORT, user=USER, dbname="postgres", autocommit=True) as admin:
        for copy in names:
            admin.execute(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {copy} TEMPLATE {name} STRATEGY FILE_COPY")
        try:
            yield [address(socket, copy) for copy in names]
        finally:
            for copy in names:
                admin.execute(f"DROP DATABASE {copy} WITH (FORCE)")


def _make(admin: psycopg.Connection[Any], socket: str, name: str, scale: Scale) -> None:
    source = sqlite_desk(scale)
    admin.execute(f"DROP DATABASE IF EXISTS {name}_part WITH (FORCE)")
    admin.execute(f"CREATE DATABASE {name}_part")
    make_tables(address(socket, f"{name}_part"))
    with psycopg.connect(host=socket, port=PORT, user=USER, dbname=f"{name}_part") as connection:
        fill_postgresql(connection, source)
    admin.execute(f"ALTER DATABASE {name}_part RENAME TO {name}")


@contextmanager
def _server() -> Iterator[str]:
    account = account_to_run_as()
    who: dict[str, Any] = {}
    if account is not None:
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    # PostgreSQL refuses root, and the account it then runs as may not reach into this folder.
    home = CACHE / "postgresql" if account is None else Path(tempfile.gettempdir()) / "deskapp-bench-postgresql"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is not None:
        os.chown(home, account.pw_uid, account.pw_gid)
    shutil.rmtree(home / "site", ignore_errors=True)
    binaries = find_binaries() if account is None else reachable(find_binaries(), home)
    data = home / "data"
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC", "HOME": str(home)}
    common: dict[str, Any] = {"cwd": home, "env": environment, "stdin": subprocess.DEVNULL, **who}
    if not (data / "PG_VERSION").exists():
        shutil.rmtree(data, ignore_errors=True)
        initdb = [binaries / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C"]
        subprocess.run(initdb, check=True, capture_output=True, **common)
    with tempfile.TemporaryDirectory(prefix="deskpg-") as socket, (home / "log").open("wb") as log:
        os.chmod(socket, 0o755)
        if account is not None:
            os.chown(socket, account.pw_uid, account.pw_gid)
        options = {**_SETTINGS, "unix_socket_directories": socket}
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        process = subprocess.Popen([binaries / "postgres", "-D", data, *flags], stdout=log, stderr=log, **common)
        try:
            _wait(process, socket, home / "log")
            yield socket
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _wait(process: "subprocess.Popen[bytes]", socket: str, log: Path) -> None:
    for _try in range(600):
        if process.poll() is not None:
            break
        with suppress(psycopg.OperationalError):
            psycopg.connect(host=socket, port=PORT, user=USER, dbname="postgres").close()
            return
        time.sleep(0.1)
    raise SystemExit(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
