"""Finding, starting and stopping hosts.

Processes that ask at the same moment get one host: a lock is round the start.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.engines.lease import HostGoneError, Lease
from workbench.engines.protocol import LOOPBACK
from workbench.engines.state import HostState, forget, log_path, log_tail, read_state, seconds, state_dir
from workbench.errors import EngineError, UnreachableError

__all__ = ["HostStatus", "connect", "find", "is_running", "status", "stop"]

START_SECONDS = 90.0
STOP_SECONDS = 15.0
HUNG_SECONDS = 5.0
PACKAGE_PARENT = Path(__file__).parents[2]
# Leaves the host an orphan in a session of its own: no zombie in a kernel, no Ctrl-C of a terminal reaches it.
DETACH = "import os, sys; os.fork() and os._exit(0); os.setsid(); os.execv(sys.argv[1], sys.argv[1:])"


@dataclass(frozen=True)
class HostStatus:
    """A running host: its process, what its backend said, its users (who asks not counted) and its stores."""

    kind: str
    pid: int
    users: int
    kept: bool
    facts: dict[str, Any]
    stores: dict[str, int] = field(default_factory=dict)
    log: str = ""


def connect(kind: str, *, port: int | None = None, error: type[UnreachableError] = EngineError) -> Lease:
    """Return a lease on the host of that kind, which is started when none runs. It holds no store yet (``take_store``).

    ``port`` is where the server must listen; None and 0 mean any. Raises ``error`` when it cannot be started, with the
    last lines of its log, or when it runs on another port.
    """
    lease = find(kind, error=error) or _start(kind, port or 0, error)
    running = lease.facts.get("port")
    if port and running is not None and running != port:
        lease.release()
        raise error(f"{kind} runs already, on port {running}, not {port}: run `workbench engine stop` first.")
    return lease


def find(kind: str, *, error: type[UnreachableError] = EngineError) -> Lease | None:
    """Return a lease on the running host of that kind, or None when none runs."""
    state = read_state(kind)
    if state is None:
        return None
    try:
        return Lease(state, error=error)
    except HostGoneError:
        return None


def is_running(kind: str) -> bool:
    """Say whether a host of that kind answers."""
    lease = find(kind)
    if lease is not None:
        lease.release()
    return lease is not None


def _start(kind: str, port: int, error: type[UnreachableError]) -> Lease:
    import filelock

    try:
        with filelock.FileLock(state_dir() / f"{kind}.start.lock", timeout=START_SECONDS):
            return find(kind, error=error) or _spawn(kind, port, error)
    except filelock.Timeout as cause:
        raise error(f"{kind}: another process has been starting it for {START_SECONDS:g} s.") from cause
    except UnreachableError:
        raise
    except OSError as cause:  # a full disk, a folder that cannot be written
        raise error(
            f"{kind} could not be started: {cause.strerror or cause}: {cause.filename}. WORKBENCH_STATE names another "
            "folder for state files and logs."
        ) from cause


def _spawn(kind: str, port: int, error: type[UnreachableError]) -> Lease:
    _refuse_hung(kind, error)
    if port:
        _refuse_busy(kind, port, error)
    log = log_path(kind, os.urandom(4).hex())
    reader, writer = os.pipe()
    try:
        _launch(kind, port, log, writer)
        os.close(writer)
        writer = -1
        _wait_until_ready(kind, reader, log, error)
    finally:
        os.close(reader)
        if writer >= 0:
            os.close(writer)
    lease = find(kind, error=error)
    if lease is None:
        raise error(f"{kind} started and ended again. Its last log lines:\n{log_tail(log)}")
    return lease


def _launch(kind: str, port: int, log: Path, writer: int) -> None:
    host = [sys.executable, "-m", "workbench.engines.host", kind, f"--port={port}", f"--log={log}"]
    host += [f"--linger={seconds('WORKBENCH_LINGER', 5)}", f"--ready={writer}"]
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as output:
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", DETACH, *host],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[writer],
            cwd=state_dir(),  # not the caller's folder: a file moto.py there must not be imported
            env=_host_environment(),
        )


def _host_environment() -> dict[str, str]:
    """The caller's environment without AWS's settings, able to import this package from where it is."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    paths = [str(PACKAGE_PARENT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    folders = {"WORKBENCH_STATE", "WORKBENCH_CACHE", "WORKBENCH_DYNAMODB_LOCAL"} & environment.keys()
    return (
        environment
        | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}
        | {name: str(Path(environment[name]).expanduser().absolute()) for name in folders if environment[name]}
    )


def _wait_until_ready(kind: str, reader: int, log: Path, error: type[UnreachableError]) -> None:
    """The host writes a line into the pipe when it is up; the pipe's end without one means that it could not start."""
    poll = select.poll()
    poll.register(reader, select.POLLIN)
    if not poll.poll(START_SECONDS * 1000):
        raise error(f"{kind} was not up after {START_SECONDS:g} s. Its last log lines:\n{log_tail(log)}")
    if not os.read(reader, 100):
        raise error(f"{kind} could not start. Its last log lines:\n{log_tail(log)}")


def _refuse_busy(kind: str, port: int, error: type[UnreachableError]) -> None:
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, port))
    except OverflowError:
        raise error(f"{kind} cannot listen on port {port}: a port is a number from 1 to 65535.") from None
    except OSError as cause:
        raise error(
            f"{kind} cannot listen on port {port}: {cause.strerror}. Give another --port, or none for a free one."
        ) from cause


def _refuse_hung(kind: str, error: type[UnreachableError]) -> None:
    """Forget a host that ended; refuse to start a second beside one whose process is there and does not answer."""
    state = read_state(kind)
    if state is None:
        return
    if _is_host(state) and not _ends(state, HUNG_SECONDS):
        raise error(
            f"{kind}: its host (process {state.pid}) does not answer: run `workbench engine stop`. "
            f"Its last log lines:\n{log_tail(state.log)}"
        )
    forget(state)


def status(kind: str) -> HostStatus | None:
    """Return what the running host of that kind says of itself, or None when none runs."""
    lease = find(kind)
    if lease is None:
        return None
    try:
        answer = lease.ask("status")
    finally:
        lease.release()
    state = lease.state
    return HostStatus(kind, state.pid, answer["users"] - 1, answer["kept"], state.facts, answer["stores"], state.log)


def stop(kind: str) -> HostStatus | None:
    """End the host of that kind, whoever uses it, and wait until its process is gone; None when none ran.

    Returns what it was. A host that does not answer is killed, and so is one that was left behind by a start that was
    broken off, or whose state file is lost.
    """
    import filelock

    try:
        with filelock.FileLock(state_dir() / f"{kind}.start.lock", timeout=START_SECONDS):
            was = _stop_known(kind)
    except filelock.Timeout:  # a start that hangs
        was = _stop_known(kind)
    for pid in _end_strays(kind):
        was = was or HostStatus(kind, pid, 0, False, {})
    return was


def _stop_known(kind: str) -> HostStatus | None:
    state = read_state(kind)
    if state is None:
        return None
    was = HostStatus(kind, state.pid, 0, False, state.facts, {}, state.log)
    there = _is_host(state)
    try:
        was = status(kind) or was
        lease = find(kind)
        if lease is not None:
            lease.ask("stop")
            lease.release()
    except EngineError:  # an older protocol, or a hung host: its process is ended below
        pass
    if there and not _ends(state, STOP_SECONDS):
        _kill(state.pid)
    forget(state)
    return was if there else None


def _is_host(state: HostState) -> bool:
    """Say whether that process is (still) a host of ours, not another one that was given the same number."""
    import psutil

    try:
        process = psutil.Process(state.pid)
        return process.status() != psutil.STATUS_ZOMBIE and "workbench.engines.host" in process.cmdline()
    except psutil.Error:
        return False


def _ends(state: HostState, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while _is_host(state):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _end_strays(kind: str) -> list[int]:
    """Kill the hosts of that kind that are left behind; return their process ids.

    One that is just being launched gets another process id, which a look at all processes may miss: none is left when
    two looks in a row find none.
    """
    ended: dict[int, None] = {}
    until = time.monotonic() + STOP_SECONDS
    looks = 0
    while looks < 2 and time.monotonic() < until:  # a process that cannot be killed must not hold the command
        found = _strays(kind)
        looks = 0 if found else looks + 1
        for pid in found:
            _kill(pid)
        ended |= dict.fromkeys(found)
    return list(ended)


def _strays(kind: str) -> list[int]:
    """Process ids of hosts of that kind that keep their log in our state folder."""
    import psutil

    log = f"--log={state_dir()}{os.sep}"
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if "workbench.engines.host" in words and kind in words and any(word.startswith(log) for word in words):
            found.append(process.pid)
    return found


def _kill(pid: int) -> None:
    import psutil

    try:
        process = psutil.Process(pid)
        family = [*process.children(recursive=True), process]
    except psutil.Error:
        return
    for member in family:
        with contextlib.suppress(psutil.Error):
            member.kill()
    psutil.wait_procs(family, timeout=5)
