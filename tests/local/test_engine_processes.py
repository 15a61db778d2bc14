"""Promises of real hosts in real processes: one server for all, killed at any moment, nothing left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from workbench.engines import Engine, engine_start, engine_status, engine_stop, open_engine
from workbench.engines.state import read_state
from workbench.errors import EngineError, UnknownNameError

pytestmark = [pytest.mark.local, pytest.mark.usefixtures("own_hosts")]

TABLE = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
USER = """
import sys, time
from workbench.engines import open_engine
engine = open_engine(sys.argv[1])
store = engine.lease()
store.client().create_table(TableName="things", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST")
print(engine.endpoint, engine.facts["port"], sorted(store.facts.values()), flush=True)
sys.stdin.readline()
"""


@pytest.fixture(params=["dynamodb-local", "moto"])
def kind(request: pytest.FixtureRequest, engine: Engine) -> str:
    """Both kinds of server; ``engine`` skips where there is no DynamoDB Local."""
    return str(request.param)


@pytest.fixture
def user() -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start a process that uses an engine until a line comes on its stdin."""
    started: list[subprocess.Popen[str]] = []

    def start(kind: str) -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process: subprocess.Popen[str] = subprocess.Popen([sys.executable, "-c", USER, kind], text=True, **pipes)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    assert process.stderr is not None
    return process.stdout.readline() or process.stderr.read()


def eventually(holds: Callable[[], bool], seconds: float = 15.0) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_server_listens_on_loopback_only(kind: str) -> None:
    with open_engine(kind) as engine:
        state = read_state(kind)
        assert state is not None
        listening = [c.laddr for c in psutil.Process(state.pid).net_connections() if c.status == psutil.CONN_LISTEN]

        assert {address.port for address in listening} == {engine.facts["port"], state.control_port}
        assert {address.ip.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}


def test_processes_that_ask_at_one_moment_get_one_server_and_a_store_each(
    kind: str, user: Callable[[str], subprocess.Popen[str]]
) -> None:
    users = [user(kind) for _ in range(6)]
    answers = [said(process) for process in users]

    assert {answer.split()[0] for answer in answers} == {open_engine(kind).endpoint}
    assert len(set(answers)) == 6
    assert len(list(Path(os.environ["WORKBENCH_STATE"]).glob("*.log"))) == 1


def test_a_killed_user_gives_its_store_back_emptied(kind: str, user: Callable[[str], subprocess.Popen[str]]) -> None:
    with open_engine(kind) as engine:
        process = user(kind)
        facts = said(process).split(" ", 2)[2].strip()
        process.kill()
        assert eventually(lambda: engine_status()[0].stores == {**engine_status()[0].stores, "leased": 0, "free": 1})

        with engine.lease() as store:
            assert str(sorted(store.facts.values())) == facts
            assert store.client().list_tables()["TableNames"] == []


def test_the_server_ends_when_its_last_user_was_killed(kind: str, user: Callable[[str], subprocess.Popen[str]]) -> None:
    process = user(kind)
    said(process)
    state = read_state(kind)
    assert state is not None
    process.kill()

    assert eventually(lambda: is_gone(state.pid))
    assert read_state(kind) is None
    assert engine_status() == []


def test_a_killed_host_is_an_engine_error_with_its_last_log_lines(kind: str) -> None:
    engine = open_engine(kind)
    store = engine.lease()
    client = store.client()
    client.list_tables()
    os.kill(engine_status()[0].pid, signal.SIGKILL)
    assert eventually(lambda: not engine.is_alive())

    for attempt in (client.list_tables, store.client, engine.lease):
        with pytest.raises(EngineError, match=rf"(?s){kind}.*has ended; open the engine again.*is up: "):
            attempt()
    assert "has ended" in engine.explain_failure()


def test_a_host_killed_during_a_request_is_an_engine_error_and_soon(kind: str) -> None:
    engine = open_engine(kind)
    client = engine.lease().client()
    client.create_table(**TABLE)
    pid = engine_status()[0].pid

    def work() -> None:
        for number in range(100_000):
            if number == 20:
                os.kill(pid, signal.SIGKILL)
            client.put_item(TableName="things", Item={"pk": {"S": str(number)}})

    began = time.monotonic()
    with pytest.raises(EngineError, match=r"(?s)has ended.*Its last log lines"):
        work()
    assert time.monotonic() - began < 10


def test_after_a_killed_host_a_new_one_is_started(kind: str) -> None:
    first = open_engine(kind)
    pid = engine_status()[0].pid
    os.kill(pid, signal.SIGKILL)

    with open_engine(kind) as second, second.lease() as store:
        assert store.client().list_tables()["TableNames"] == []
        assert engine_status()[0].pid != pid
        with pytest.raises(EngineError, match="has ended"):
            first.lease()


def test_a_host_that_hangs_is_refused_with_the_cure_and_stop_kills_it(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.engines.lease.CONNECT_SECONDS", 0.3)
    monkeypatch.setattr("workbench.engines.control.STOP_SECONDS", 0.3)
    monkeypatch.setattr("workbench.engines.control.HUNG_SECONDS", 0.3)
    engine_start(kind)
    pid = engine_status()[0].pid
    os.kill(pid, signal.SIGSTOP)

    with pytest.raises(EngineError, match=rf"process {pid}\) does not answer: run `workbench engine stop`"):
        open_engine(kind)
    assert [was.pid for was in engine_stop()] == [pid]
    assert eventually(lambda: is_gone(pid))


def test_started_to_stay_it_stays_and_stop_leaves_nothing(kind: str) -> None:
    status = engine_start(kind)
    time.sleep(1.5)  # longer than the linger

    assert engine_status() == [status]
    assert engine_start(kind).pid == status.pid
    assert [was.pid for was in engine_stop()] == [status.pid]
    assert is_gone(status.pid)
    assert engine_status() == engine_stop() == []


def test_stop_finds_a_host_whose_state_file_is_lost(kind: str, own_hosts: Path) -> None:
    pid = engine_start(kind).pid
    (own_hosts / f"{kind}.json").unlink()

    assert [was.pid for was in engine_stop()] == [pid]
    assert is_gone(pid)


def test_a_host_whose_state_file_is_lost_ends_although_it_was_to_stay(kind: str, own_hosts: Path) -> None:
    pid = engine_start(kind).pid
    (own_hosts / f"{kind}.json").unlink()

    assert eventually(lambda: is_gone(pid))


def test_stop_finds_a_host_that_is_still_starting(own_hosts: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", "from workbench.engines import open_engine; open_engine('moto')"])
    assert eventually(lambda: any(own_hosts.glob("moto-*.log")))
    starter.kill()
    starter.wait()

    engine_stop()

    hosts = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    assert [host for host in hosts if str(own_hosts) in host] == []


def test_stop_ends_a_server_that_is_used_and_its_users_are_told(kind: str) -> None:
    engine = open_engine(kind)
    client = engine.lease().client()

    assert engine_stop()[0].users == 2
    with pytest.raises(EngineError, match=r"(?s)(this store is gone|died during a request).*it was told to stop"):
        client.list_tables()


def test_a_port_can_be_asked_for(kind: str) -> None:
    port = free_port()

    with open_engine(kind, port=port) as engine:
        assert engine.endpoint == f"http://127.0.0.1:{port}"
        assert open_engine(kind, port=port).endpoint == engine.endpoint
        with pytest.raises(EngineError, match=rf"runs already, on port {port}, not {port - 1}"):
            open_engine(kind, port=port - 1)


@pytest.mark.parametrize("where", ["127.0.0.1", ""])
def test_a_port_in_use_is_an_error_that_names_it(kind: str, where: str) -> None:
    with socket.create_server((where, 0)) as server:
        port = server.getsockname()[1]

        with pytest.raises(EngineError, match=f"cannot listen on port {port}: Address already in use"):
            open_engine(kind, port=port)
    assert engine_status() == []


def test_a_port_out_of_range_is_an_error(kind: str) -> None:
    with pytest.raises(EngineError, match="port 70000: a port is a number from 1 to 65535"):
        open_engine(kind, port=70000)


def test_a_start_that_fails_gives_the_last_log_lines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "DynamoDBLocal-9.jar").write_bytes(b"this is no jar")
    monkeypatch.setenv("WORKBENCH_DYNAMODB_LOCAL", str(tmp_path))

    with pytest.raises(EngineError, match=r"(?s)dynamodb-local could not start.*log lines:\n.*ServerRunner"):
        open_engine("dynamodb-local")
    assert engine_status() == []


def test_a_file_of_the_users_folder_is_not_imported(kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("moto", "jpype", "boto3", "socket"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the working folder')")
    monkeypatch.chdir(tmp_path)

    with open_engine(kind) as engine:
        assert engine.is_alive()


def test_the_users_aws_settings_and_proxies_are_not_used(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[broken")
    for name, value in {
        "AWS_PROFILE": "no-such-profile",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "real",
        "AWS_SECRET_ACCESS_KEY": "real",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)

    with open_engine(kind) as engine, engine.lease() as store:
        assert store.client().list_tables()["TableNames"] == []
        assert store.streams_client().list_streams()["Streams"] == []


def test_auto_is_dynamodb_local_where_it_can_be_had(engine: Engine) -> None:
    with open_engine() as opened:
        assert (opened.name, opened.fallback_reason, opened.exact_capacity) == ("dynamodb-local", None, True)
        assert opened.title == "DynamoDB Local 3.3.1"


def test_auto_falls_back_to_moto_aloud_without_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("WORKBENCH_DYNAMODB_LOCAL", raising=False)
    monkeypatch.setenv("WORKBENCH_MAVEN", "http://127.0.0.1:1/maven2")

    with open_engine() as engine:
        assert (engine.name, engine.exact_capacity) == ("moto", False)
        assert "FALLBACK, DynamoDB Local could not be used" in engine.title
        assert "could not be fetched" in str(engine.fallback_reason)
    with pytest.raises(EngineError, match="could not be fetched"):
        open_engine("dynamodb-local")


def test_an_unknown_engine_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'dynamodb-local'"):
        open_engine("dynamo-local")
    with pytest.raises(UnknownNameError, match="no engine 'aws' to start"):
        engine_start("aws")


def test_a_state_folder_that_cannot_be_written_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with monkeypatch.context() as patch:
        patch.setenv("WORKBENCH_STATE", str(tmp_path / "file" / "state"))

        with pytest.raises(EngineError, match=r"could not be started: Not a directory.*WORKBENCH_STATE"):
            open_engine("moto")


def test_the_state_is_for_its_owner_only(own_hosts: Path) -> None:
    with open_engine("moto"):
        modes = {path.name.partition("-")[0]: path.stat().st_mode & 0o777 for path in own_hosts.glob("moto*[!k]")}

    assert modes == {"moto": 0o600, "moto.json": 0o600}


def test_a_stopped_server_leaves_nothing_that_it_unpacked(own_hosts: Path) -> None:
    with open_engine("dynamodb-local") as engine, engine.lease() as store:
        store.client().list_tables()
        assert list(own_hosts.glob("jvm-*/*"))
    engine_stop()

    assert list(own_hosts.glob("jvm-*")) == []
