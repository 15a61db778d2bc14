"""An endpoint that runs already: kept apart by access key id where it does so, left alone where it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer

import workbench as wb
from workbench.engines import Engine, Store, open_engine
from workbench.engines.endpoint import PROBE, SharedStore
from workbench.errors import EngineError, GuardError, UsageError

pytestmark = pytest.mark.local

TABLE: dict[str, Any] = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture
def own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("WORKBENCH_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def separating(engine: Engine, own_state: Path) -> Engine:
    """DynamoDB Local, opened by its URL."""
    return open_engine(engine.endpoint)


@pytest.fixture
def shared(own_state: Path) -> Iterator[Engine]:
    """moto, which does not look at the access key id, opened by its URL."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()  # its tables outlive the server
    yield open_engine(f"http://{host}:{port}/")
    server.stop()


def tables(store: Store) -> list[str]:
    return list(store.client().list_tables()["TableNames"])


def test_a_server_that_keeps_keys_apart_gives_stores_of_ones_own(separating: Engine) -> None:
    with separating.lease() as one, separating.lease() as other:
        one.client().create_table(**TABLE)

        assert (tables(one), tables(other)) == (["things"], [])
        assert one.isolated
        assert separating.is_near
        assert separating.title.startswith("DynamoDB Local at http://127.0.0.1:")
        assert "SHARED" not in separating.title


def test_a_store_that_is_used_again_is_empty(separating: Engine) -> None:
    with separating.lease() as store:
        store.client().create_table(**TABLE)
        key = store.facts["access_key"]
    with separating.lease() as again:
        assert again.facts["access_key"] == key
        assert tables(again) == []


def test_the_store_of_a_killed_process_is_emptied_before_it_is_used_again(separating: Engine) -> None:
    code = (
        "import os, signal; from workbench.engines import open_engine\n"
        f"store = open_engine({separating.endpoint!r}).lease(); store.client().create_table(**{TABLE!r})\n"
        "print(store.facts['access_key'], flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert killed.returncode == -9, killed.stderr
    with separating.lease() as store:
        assert store.facts["access_key"] == killed.stdout.strip()
        assert tables(store) == []


def test_a_named_store_stays_and_is_shared(separating: Engine) -> None:
    with separating.lease("default") as one, separating.lease("default") as other:
        one.client().create_table(**TABLE)
        assert tables(other) == ["things"]
        assert not other.isolated
    with separating.lease("default") as later, separating.lease("another") as another:
        assert (tables(later), tables(another)) == (["things"], [])
        later.empty()


def test_a_released_store_refuses_to_work_on(separating: Engine) -> None:
    store = separating.lease()
    client = store.client()
    store.release()
    store.release()

    with pytest.raises(EngineError, match="this store was released"):
        client.list_tables()


def test_the_pool_is_bounded_and_says_so(separating: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_STORES", "1")
    with separating.lease(), pytest.raises(EngineError, match=r"all 1 stores .* WORKBENCH_STORES"):
        separating.lease(wait=0.1)


def test_the_key_ids_are_readable_by_their_owner_only(separating: Engine, own_state: Path) -> None:
    separating.lease().release()
    separating.lease("default").release()
    files = list(own_state.rglob("*.json"))

    assert len(files) == 2
    assert {oct(os.stat(file).st_mode & 0o777) for file in files} == {"0o600"}


def test_a_shared_server_says_so_and_nothing_of_the_probe_stays(shared: Engine) -> None:
    with shared.lease() as store:
        assert "SHARED" in shared.title
        assert repr(store) == f"<Shared store on {shared.title}>"
        assert not store.isolated
        assert [name for name in tables(store) if name.startswith(PROBE)] == []


def test_on_a_shared_server_only_tables_created_here_are_dropped(shared: Engine, tmp_path: Path) -> None:
    mine = shared.lease()
    somebody = SharedStore(shared, {"access_key": "somebody", "region": "us-east-1"})
    mine.client().create_table(**TABLE)
    foreign = make_foreign(shared)
    foreign.create_table(**TABLE | {"TableName": "theirs"})

    with pytest.raises(GuardError, match="The table theirs was left alone"):
        mine.client().delete_table(TableName="theirs")
    assert mine.empty() == 1
    assert tables(somebody) == ["theirs"]


def test_a_table_that_somebody_made_again_is_not_ours_any_more(shared: Engine) -> None:
    mine, foreign = shared.lease(), make_foreign(shared)
    mine.client().create_table(**TABLE)
    foreign.delete_table(TableName="things")
    foreign.create_table(**TABLE)

    with pytest.raises(GuardError, match="The table things was left alone"):
        mine.client().delete_table(TableName="things")
    assert mine.empty() == 0
    assert tables(mine) == ["things"]


def make_foreign(shared: Engine) -> Any:
    from workbench.engines.clients import make_client

    return make_client("dynamodb", shared.endpoint, {"access_key": "foreign", "region": "us-east-1"})


def test_a_table_created_here_may_be_dropped_by_the_next_process(shared: Engine) -> None:
    shared.lease().client().create_table(**TABLE)
    later = open_engine(shared.endpoint).lease()
    later.client().delete_table(TableName="things")

    assert tables(later) == []


def test_nothing_at_the_address_says_so(own_state: Path) -> None:
    with pytest.raises(EngineError, match=r"Nothing that speaks DynamoDB's protocol answers at http://127.0.0.1:9"):
        open_engine("http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://", "is no endpoint"),
        ("http://host:0", "is no endpoint"),
        ("http://host:99999", "is no endpoint"),
        ("http://[::1", "is no endpoint"),
        ("http://me:secret@host:8000", "must not hold a user or a password"),
        ("https://dynamodb.eu-west-1.amazonaws.com", "is AWS itself; open it as the engine 'aws'"),
        ("https://dynamodb.eu-west-1.api.aws", "is AWS itself"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(url: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        open_engine(url)


def test_the_environment_names_the_endpoint(shared: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_DYNAMODB_ENDPOINT", shared.endpoint)

    assert open_engine().title == shared.title


def test_examples_are_not_run_in_tables_that_are_everybodys(shared: Engine) -> None:
    with (
        wb.open("messaging", engine=shared.endpoint) as bench,
        pytest.raises(UsageError, match=r"need a store of their own"),
    ):
        bench.check()
