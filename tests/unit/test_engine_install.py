"""Promises of the installation of DynamoDB Local: what is fetched is what the lock says, wholly or not at all."""

from __future__ import annotations

import errno
import hashlib
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.engines import installation
from workbench.engines.installation import Artifact, find_installation, install, read_lock
from workbench.errors import EngineError

NAMES = [f"part{number}" for number in range(20)]


def content(name: str) -> bytes:
    return f"the content of {name}".encode()


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("WORKBENCH_DYNAMODB_LOCAL", raising=False)
    monkeypatch.setattr(installation, "machine", lambda: "linux-x86_64")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    path = tmp_path / "test.lock"
    lines = [f"org.test:{name}:jar:1.0 {hashlib.sha256(content(name)).hexdigest()} any" for name in NAMES]
    lines += [f"org.test:native:so:1.0 {hashlib.sha256(content('native')).hexdigest()} linux-x86_64"]
    lines += [f"org.test:fruit:dylib:1.0 {'0' * 64} macos-arm64  # not for this machine"]
    path.write_text("# a comment\n\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake()
    monkeypatch.setattr(installation, "_resolve", fake)
    return fake


class Fake:
    """The public repository, as far as the test lets it work."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Callable[[Artifact], bytes] = lambda artifact: content(artifact.name)
        self._lock = threading.Lock()

    def __call__(self, artifact: Artifact, folder: Path) -> Path:
        with self._lock:
            self.asked.append(artifact.name)
            body = self.answer(artifact)
        path = folder / artifact.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return path


def folders(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "cache" / "dynamodb-local").iterdir() if path.is_dir())


def test_everything_of_this_platform_is_fetched_once(lock: Path, repository: Fake, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    found = install(lambda done, total, name: seen.append((done, total)), lock=lock)

    assert sorted(repository.asked) == sorted([*NAMES, "native"])
    assert [jar.name for jar in found.jars] == sorted(f"{name}-1.0.jar" for name in NAMES)
    assert (found.folders[0] / "native-1.0.so").read_bytes() == content("native")
    assert max(seen) == (21, 21)
    assert find_installation(lock) == found
    assert install(lock=lock) == found
    assert len(repository.asked) == 21
    assert len(folders(tmp_path)) == 1


def test_nothing_installed_is_none(lock: Path) -> None:
    assert find_installation(lock) is None


def test_a_file_with_another_sha256_is_refused_by_name(lock: Path, repository: Fake) -> None:
    repository.answer = lambda artifact: b"evil" if artifact.name == "part7" else content(artifact.name)

    with pytest.raises(EngineError, match=r"org\.test:part7:jar:1\.0 was refused: its sha256 is [0-9a-f]{64}"):
        install(lock=lock)

    assert find_installation(lock) is None


def test_a_broken_off_download_is_fetched_again(lock: Path, repository: Fake) -> None:
    broken = {"part3"}

    def answer(artifact: Artifact) -> bytes:
        if artifact.name in broken:
            broken.discard(artifact.name)
            return content(artifact.name)[:4]
        return content(artifact.name)

    repository.answer = answer

    assert (install(lock=lock).folders[0] / "part3-1.0.jar").read_bytes() == content("part3")


def test_no_network_is_an_error_that_tells_the_ways_out(lock: Path, repository: Fake) -> None:
    def answer(artifact: Artifact) -> bytes:
        raise OSError("Name or service not known")

    repository.answer = answer

    with pytest.raises(
        EngineError, match=r"(?s)could not be fetched: org\.test.*WORKBENCH_DYNAMODB_LOCAL.*moto"
    ) as info:
        install(lock=lock)

    assert not re.search(r"https?://", str(info.value))
    assert len(repository.asked) <= 8 + 8


def test_an_artifact_that_the_repository_lacks_is_named(lock: Path, repository: Fake) -> None:
    def answer(artifact: Artifact) -> bytes:
        if artifact.name == "part19":
            raise RuntimeError("not found")
        return content(artifact.name)

    repository.answer = answer

    with pytest.raises(EngineError, match=r"could not be fetched: org\.test:part19:jar:1\.0"):
        install(lock=lock)


def test_what_was_fetched_before_a_failure_is_not_lost_and_not_an_installation(
    lock: Path, repository: Fake, tmp_path: Path
) -> None:
    repository.answer = lambda artifact: b"evil" if artifact.name == "native" else content(artifact.name)
    with pytest.raises(EngineError):
        install(lock=lock)
    assert [name for name in folders(tmp_path) if not name.endswith(".fetching")] == []

    repository.answer = lambda artifact: content(artifact.name)

    assert len(install(lock=lock).jars) == 20
    assert len(folders(tmp_path)) == 1


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"")])
def test_a_damaged_installation_is_mended(lock: Path, repository: Fake, damage: Callable[[Path], object]) -> None:
    path = install(lock=lock).folders[0] / "part5-1.0.jar"
    damage(path)

    install(lock=lock)

    assert path.read_bytes() == content("part5")


def test_a_cache_that_cannot_be_written_is_an_error_that_names_it(
    lock: Path, repository: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "file" / "cache"))

    with pytest.raises(EngineError, match=r"could not be written to the cache: Not a directory.*file.*WORKBENCH_CACHE"):
        install(lock=lock)


def test_a_full_disk_is_not_taken_for_a_missing_network(lock: Path, repository: Fake) -> None:
    def answer(artifact: Artifact) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device", "part0")

    repository.answer = answer

    with pytest.raises(EngineError, match="No space left on device: part0"):
        install(lock=lock)


def test_a_folder_of_the_environment_wins(lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "aws" / "DynamoDBLocal_lib"
    library.mkdir(parents=True)
    (tmp_path / "aws" / "DynamoDBLocal.jar").touch()
    (library / "helper.jar").touch()
    monkeypatch.setenv("WORKBENCH_DYNAMODB_LOCAL", str(tmp_path / "aws"))

    found = find_installation(lock)

    assert found is not None
    assert found == install(lock=lock)
    assert [jar.name for jar in found.jars] == ["DynamoDBLocal.jar", "helper.jar"]


@pytest.mark.parametrize("ask", [find_installation, lambda lock: install(lock=lock)])
def test_a_folder_without_dynamodb_local_is_refused(
    lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Path], object]
) -> None:
    monkeypatch.setenv("WORKBENCH_DYNAMODB_LOCAL", str(tmp_path / "nowhere"))

    with pytest.raises(EngineError, match=r"no DynamoDBLocal\*\.jar in .*nowhere"):
        ask(lock)


def test_a_platform_without_a_native_library_says_the_ways_out(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "machine", lambda: "linux-arm64")

    with pytest.raises(EngineError, match=r"linux-arm64.*WORKBENCH_DYNAMODB_LOCAL.*moto"):
        install(lock=lock)


def test_the_lock_of_the_package_is_whole_and_holds_no_address() -> None:
    artifacts = read_lock()

    assert {artifact.platform for artifact in artifacts} == {"any", "linux-x86_64", "macos-arm64", "macos-x86_64"}
    assert all(re.fullmatch("[0-9a-f]{64}", artifact.sha256) for artifact in artifacts)
    assert len({artifact.file for artifact in artifacts}) == len(artifacts)
    assert "software.amazon.dynamodb:DynamoDBLocal:jar:3.3.1" in {str(artifact) for artifact in artifacts}
    assert "://" not in installation.LOCK.read_text()


@pytest.mark.usefixtures("restarting_sigint")
def test_ctrl_c_ends_the_downloads_that_have_not_begun(lock: Path, repository: Fake, tmp_path: Path) -> None:
    """However a library left SIGINT: those under way end, no other is begun, and nothing half is put in place."""
    released = threading.Event()

    def slow(artifact: Artifact) -> bytes:
        released.wait(30)
        return content(artifact.name)

    repository.answer = slow
    main = threading.main_thread().ident
    timers = [
        threading.Timer(0.3, lambda: signal.pthread_kill(main, signal.SIGINT)),  # type: ignore[arg-type]
        threading.Timer(2.5, released.set),
    ]
    for timer in timers:
        timer.start()
    with pytest.raises(KeyboardInterrupt):
        install(lock=lock)

    assert 0 < len(repository.asked) <= installation.THREADS
    assert find_installation(lock) is None
    repository.answer = lambda artifact: content(artifact.name)
    assert len(install(lock=lock).jars) == len(NAMES)
