"""Getting DynamoDB Local's jars onto this machine: from a folder, the cache, or by the lock file in this package.

The lock file names every file by its Maven coordinates and sha256. A file with another sha256 is refused, and the cache
folder appears in one step only when every file is right, so a broken-off download never looks like an installation.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.engines.state import cache_dir
from workbench.errors import EngineError

__all__ = ["Artifact", "Installation", "Progress", "find_installation", "install", "read_lock"]

LOCK = Path(__file__).with_name("dynamodb-local.lock")
THREADS = 8
TRIES = 3
TIMEOUT_SECONDS = 15
STEP_SECONDS = 0.2

Progress = Callable[[int, int, str], None]
"""Called with files done, files in all, and the name of the file that was just done."""


@dataclass(frozen=True)
class Artifact:
    """One file of the lock: Maven coordinates, sha256 in hex, and the platform it is for (``any`` for a jar)."""

    group: str
    name: str
    type: str
    version: str
    sha256: str
    platform: str

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.name}-{self.version}.{self.type}"

    def __str__(self) -> str:
        return f"{self.group}:{self.name}:{self.type}:{self.version}"


@dataclass(frozen=True)
class Installation:
    """Folders that hold DynamoDB Local's jars and its native SQLite library, and where they were found."""

    folders: tuple[Path, ...]
    found: str

    @property
    def jars(self) -> list[Path]:
        """Every jar, in the order of their names."""
        return sorted(jar for folder in self.folders for jar in folder.glob("*.jar"))


def read_lock(path: Path = LOCK) -> tuple[Artifact, ...]:
    """Return the artifacts of a lock file, all platforms, in its order."""
    lines = (line.split("#")[0].split() for line in path.read_text().splitlines())
    return tuple(Artifact(*words[0].split(":"), *words[1:]) for words in lines if words)


def machine() -> str:
    """Return this machine's platform as the lock file writes it, such as ``linux-x86_64`` or ``macos-arm64``."""
    system = {"darwin": "macos"}.get(sys.platform, sys.platform)
    chip = {"amd64": "x86_64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    return f"{system}-{chip}"


def find_installation(lock: Path = LOCK) -> Installation | None:
    """Return the installation there is, without any network, or None.

    Raises EngineError when ``WORKBENCH_DYNAMODB_LOCAL`` names a folder without DynamoDB Local.
    """
    folder = os.environ.get("WORKBENCH_DYNAMODB_LOCAL")
    if folder:
        return _given(Path(folder).expanduser())
    wanted = _wanted(lock)
    cached = _cached_folder(lock)
    if all((cached / artifact.file).is_file() for artifact in wanted):
        return Installation((cached,), "cache")
    return None


def _given(folder: Path) -> Installation:
    """The folder of the environment: jars in it, or AWS's own layout with a folder DynamoDBLocal_lib."""
    folders = tuple(path for path in (folder, folder / "DynamoDBLocal_lib") if path.is_dir())
    installation = Installation(folders, "WORKBENCH_DYNAMODB_LOCAL")
    if not any(jar.name.startswith("DynamoDBLocal") for jar in installation.jars):
        raise EngineError(
            f"WORKBENCH_DYNAMODB_LOCAL: there is no DynamoDBLocal*.jar in {folder}. Name the folder that holds it and "
            "its other jars, or unset the variable."
        )
    return installation


def _wanted(lock: Path) -> list[Artifact]:
    here = machine()
    artifacts = read_lock(lock)
    if here not in {artifact.platform for artifact in artifacts}:
        raise EngineError(
            f"DynamoDB Local: the lock file has no native SQLite library for {here}. Get DynamoDB Local from AWS, "
            "unpack it, and set WORKBENCH_DYNAMODB_LOCAL to its folder; or use the engine moto."
        )
    return [artifact for artifact in artifacts if artifact.platform in ("any", here)]


def _cached_folder(lock: Path) -> Path:
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    return cache_dir(create=False) / "dynamodb-local" / digest


def install(progress: Progress | None = None, *, lock: Path = LOCK) -> Installation:
    """Return the installation, fetching what is missing. Files that are there already are checked again.

    Raises EngineError when a file cannot be fetched or has another sha256 than the lock file; it names the artifact.
    """
    if os.environ.get("WORKBENCH_DYNAMODB_LOCAL"):
        return _given(Path(os.environ["WORKBENCH_DYNAMODB_LOCAL"]).expanduser())
    try:
        return _installed(progress or _silent, lock)
    except EngineError:
        raise
    except OSError as error:  # a full disk, a folder that cannot be written
        raise EngineError(
            f"DynamoDB Local could not be written to the cache: {error.strerror or error}: {error.filename}. "
            "WORKBENCH_CACHE names another folder for it."
        ) from error


def _installed(progress: Progress, lock: Path) -> Installation:
    import filelock

    wanted = _wanted(lock)
    folder = _cached_folder(lock)
    cache_dir()
    folder.parent.mkdir(exist_ok=True)
    with filelock.FileLock(folder.parent / "install.lock"):
        if not all(_is_right(folder / artifact.file, artifact) for artifact in wanted):
            _fetch_all(wanted, folder, progress)
    return Installation((folder,), "cache")


def _silent(done: int, total: int, name: str) -> None:
    """Show nothing."""


def _is_right(path: Path, artifact: Artifact) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == artifact.sha256


def _fetch_all(wanted: list[Artifact], folder: Path, progress: Progress) -> None:
    """Fetch into a repository beside the folder, which a broken-off attempt leaves for the next; then put in place."""
    repository = folder.with_name(f"{folder.name}.fetching")
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="fetch")
    paths: dict[Artifact, Path] = {}
    failed = threading.Event()
    counting = threading.Lock()

    def fetch(artifact: Artifact) -> None:
        if failed.is_set():
            return
        try:
            path = _fetch(artifact, repository, eager=bool(paths))
        except BaseException:
            failed.set()
            raise
        with counting:
            paths[artifact] = path
            progress(len(paths), len(wanted), artifact.file)

    try:
        jobs = [pool.submit(fetch, artifact) for artifact in wanted]
        _wait_for_all(jobs)
    finally:
        pool.shutdown(cancel_futures=True)
    _put_in_place(paths, folder)
    shutil.rmtree(repository, ignore_errors=True)


def _wait_for_all(jobs: list[Future[None]]) -> None:
    """Return when all are done; raise what the first that failed raised, and leave the others.

    In steps: where a library has set SA_RESTART for SIGINT, a wait without a bound sleeps through Ctrl-C.
    """
    waiting: set[Future[None]] = set(jobs)
    while waiting:
        finished, waiting = wait(jobs, timeout=STEP_SECONDS, return_when=FIRST_EXCEPTION)
        for job in finished:
            job.result()


def _fetch(artifact: Artifact, repository: Path, *, eager: bool) -> Path:
    """Fetch one file, and again when what came is not what the lock says: a broken-off download, most of all."""
    for attempt in range(TRIES):
        try:
            path = _resolve(artifact, repository)
        except (OSError, RuntimeError) as error:  # jgo says "not found" by a RuntimeError
            if isinstance(error, OSError) and error.errno is not None:  # of this machine's disk, not of the network
                raise
            if attempt == TRIES - 1 or not eager or isinstance(error, RuntimeError):
                raise _unfetched(artifact, error) from error
            time.sleep(2**attempt)
            continue
        if _is_right(path, artifact):
            return path
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        path.unlink()
    raise EngineError(
        f"DynamoDB Local: {artifact} was refused: its sha256 is {found}, the lock file says {artifact.sha256}. "
        "What answered is not the public repository, or the file was changed on the way."
    )


def _unfetched(artifact: Artifact, error: Exception) -> EngineError:
    return EngineError(
        f"DynamoDB Local could not be fetched: {artifact}: {type(error).__name__}. Check the network (WORKBENCH_MAVEN "
        "names a mirror of the public Maven repository); or copy the jars from a machine that has them and set "
        "WORKBENCH_DYNAMODB_LOCAL to their folder; or use the engine moto."
    )


def _resolve(artifact: Artifact, repository: Path) -> Path:
    import requests
    from jgo.maven import MavenContext, PythonResolver

    mirror = os.environ.get("WORKBENCH_MAVEN")
    context: Any = MavenContext(
        repo_cache=repository,
        resolver=PythonResolver(),
        remote_repos={"mirror": mirror.rstrip("/")} if mirror else None,
        timeout=TIMEOUT_SECONDS,
    )
    component = context.project(artifact.group, artifact.name).at_version(artifact.version)
    try:
        return Path(component.artifact(packaging=artifact.type).resolve())
    except requests.RequestException as error:
        raise OSError(str(error)) from error


def _put_in_place(paths: dict[Artifact, Path], folder: Path) -> None:
    temporary = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    for artifact, path in paths.items():
        shutil.copyfile(path, temporary / artifact.file)
    shutil.rmtree(folder, ignore_errors=True)  # a damaged one
    os.replace(temporary, folder)
