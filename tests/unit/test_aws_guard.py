"""AWS is read-only unless account and tables were confirmed: held against every operation of the API, offline."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore import handlers
from botocore.awsrequest import AWSResponse
from botocore.stub import Stubber

from workbench.engines.aws import AwsEngine, guard_process, open_aws, parse_confirmation, parse_target
from workbench.errors import EngineError, GuardError, UsageError

ACCOUNT, OTHER = "123456789012", "210987654321"
KEY = {"pk": {"S": "a"}}
ORDERS = {"TableName": "orders"}
ARN = f"arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/orders"

READ: list[tuple[str, dict[str, Any]]] = [
    ("get_item", {"TableName": "orders", "Key": KEY}),
    ("batch_get_item", {"RequestItems": {"orders": {"Keys": [KEY]}}}),
    ("transact_get_items", {"TransactItems": [{"Get": {"TableName": "orders", "Key": KEY}}]}),
    (
        "query",
        {"TableName": "orders", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}},
    ),
    ("scan", {"TableName": "orders"}),
    ("list_tables", {}),
    ("describe_table", {"TableName": "orders"}),
    ("execute_statement", {"Statement": ' select * from "orders"'}),
    ("execute_statement", {"Statement": "SELECT * FROM \"orders\" WHERE note = 'DELETE FROM orders'"}),
    ("batch_execute_statement", {"Statements": [{"Statement": "SELECT * FROM orders WHERE pk = 'a'"}]}),
    ("execute_transaction", {"TransactStatements": [{"Statement": "EXISTS(SELECT * FROM orders WHERE pk = 'a')"}]}),
]
WRITE: list[tuple[str, dict[str, Any]]] = [
    ("put_item", {"TableName": "orders", "Item": KEY}),
    ("update_item", {"TableName": "orders", "Key": KEY}),
    ("delete_item", {"TableName": "orders", "Key": KEY}),
    ("put_item", {"TableName": ARN, "Item": KEY}),
    ("batch_write_item", {"RequestItems": {"orders": [{"PutRequest": {"Item": KEY}}]}}),
    ("transact_write_items", {"TransactItems": [{"Put": {"TableName": "orders", "Item": KEY}}]}),
    ("transact_write_items", {"TransactItems": [{"ConditionCheck": {**ORDERS, "Key": KEY, "ConditionExpression": "a"}}]}),  # noqa: E501
    ("execute_statement", {"Statement": "INSERT INTO \"orders\" VALUE {'pk': 'a'}"}),
    ("execute_statement", {"Statement": "update orders SET a = 1 WHERE pk = 'a'"}),
    ("execute_statement", {"Statement": "\n\tDELETE  FROM orders WHERE pk = 'a'"}),
    ("batch_execute_statement", {"Statements": [{"Statement": "SELECT * FROM a"}, {"Statement": "DELETE FROM orders"}]}),  # noqa: E501
    ("execute_transaction", {"TransactStatements": [{"Statement": "UPDATE orders SET a = 1"}]}),
    ("create_table", {**ORDERS, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "AttributeDefinitions": []}),
    ("update_table", {"TableName": "orders", "DeletionProtectionEnabled": False}),
    ("delete_table", {"TableName": "orders"}),
    ("update_time_to_live", {**ORDERS, "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "t"}}),
    ("tag_resource", {"ResourceArn": ARN, "Tags": [{"Key": "a", "Value": "b"}]}),
    ("create_backup", {"TableName": "orders", "BackupName": "nightly"}),
    ("restore_table_to_point_in_time", {"SourceTableName": "shop", "TargetTableName": "orders"}),
]  # fmt: skip


def aws(confirm: str | None = None) -> AwsEngine:
    session = boto3.session.Session("AKIAIOSFODNN7EXAMPLE", "x", region_name="eu-central-1")
    return AwsEngine(session, "eu-central-1", parse_confirmation(confirm) if confirm else None)


def client_of(engine: AwsEngine, sent: list[str]) -> Any:
    """A client that sends nothing: what would be sent is noted and answered with an empty response."""
    return mute(engine.lease().client(), sent)


def mute(client: Any, sent: list[str]) -> Any:
    """The same client, which sends nothing from now on."""

    def answer(request: Any, **_: Any) -> AWSResponse:
        sent.append(request.headers["X-Amz-Target"].decode().split(".")[1])

        class Raw:
            def stream(self) -> Any:
                yield b"{}"

            def read(self) -> bytes:
                return b"{}"

        return AWSResponse(request.url, 200, {}, Raw())

    client.meta.events.register("before-send", answer)
    return client


@pytest.mark.parametrize(("method", "request_"), READ)
def test_reads_are_sent(method: str, request_: dict[str, Any]) -> None:
    sent: list[str] = []
    getattr(client_of(aws(), sent), method)(**request_)

    assert len(sent) == 1


@pytest.mark.parametrize(("method", "request_"), WRITE)
def test_writes_are_refused_before_they_are_sent(method: str, request_: dict[str, Any]) -> None:
    sent: list[str] = []
    with pytest.raises(GuardError, match=r"AWS is read-only here: .* was refused before it was sent"):
        getattr(client_of(aws(), sent), method)(**request_)

    assert sent == []


@pytest.mark.parametrize(("method", "request_"), WRITE)
def test_confirmed_writes_are_sent_and_only_to_confirmed_tables(method: str, request_: dict[str, Any]) -> None:
    sent: list[str] = []
    getattr(client_of(aws(f"{ACCOUNT}:orders,shop"), sent), method)(**request_)
    assert len(sent) == 1

    with pytest.raises(
        GuardError, match="orders was refused before it was sent: confirmed is 123456789012:orders2,shop"
    ):
        getattr(client_of(aws(f"{ACCOUNT}:shop,orders2"), sent), method)(**request_)
    assert len(sent) == 1


def test_a_transaction_needs_every_table_confirmed() -> None:
    sent: list[str] = []
    both = [{"Put": {"TableName": name, "Item": KEY}} for name in ("orders", "customers")]
    with pytest.raises(GuardError, match="TransactWriteItems on customers was refused"):
        client_of(aws(f"{ACCOUNT}:orders"), sent).transact_write_items(TransactItems=both)

    assert sent == []


def test_an_arn_of_another_account_is_refused() -> None:
    sent: list[str] = []
    with pytest.raises(GuardError, match=f"it names account {OTHER}"):
        client_of(aws(f"{ACCOUNT}:orders"), sent).put_item(TableName=ARN.replace(ACCOUNT, OTHER), Item=KEY)

    assert sent == []


def test_an_arn_inside_an_item_is_only_a_value() -> None:
    sent: list[str] = []
    item = KEY | {"link": {"S": ARN.replace(ACCOUNT, OTHER)}}
    client_of(aws(f"{ACCOUNT}:orders"), sent).put_item(TableName="orders", Item=item)

    assert sent == ["PutItem"]


def test_every_operation_that_is_not_known_to_read_is_refused() -> None:
    """Over the whole API of the installed botocore, so that a new operation is a write until proven harmless."""
    client = aws().lease().client()
    model = client.meta.service_model
    harmless = {name for name in model.operation_names if name.startswith(("Describe", "List", "Get", "Query", "Scan"))}
    harmless |= {"BatchGetItem", "TransactGetItems"}
    for name in set(model.operation_names) - harmless:
        with pytest.raises(GuardError):
            client.meta.events.emit(
                f"before-call.dynamodb.{name}", model=model.operation_model(name), params={"body": b"{}"}
            )


def test_a_refusal_says_how_to_confirm_and_which_table_it_is_about() -> None:
    with pytest.raises(GuardError) as refused:
        client_of(aws(), []).delete_table(TableName="orders")

    assert str(refused.value) == (
        "AWS is read-only here: DeleteTable on orders was refused before it was sent. To write, open it with "
        'write=True, confirm="ACCOUNT:TABLE" (`--write --confirm ACCOUNT:TABLE`).'
    )


@pytest.mark.parametrize("confirm", [None, "123456789012:orders"])
def test_a_write_whose_table_the_request_does_not_name_is_refused_in_a_whole_sentence(confirm: str | None) -> None:
    backup = "arn:aws:dynamodb:eu-central-1:123456789012:table/orders/backup/1"

    with pytest.raises(GuardError, match="DeleteBackup, whose tables the request does not name, was refused before"):
        client_of(aws(confirm), []).delete_backup(BackupArn=backup)


def test_streams_may_be_read() -> None:
    client = aws().lease().streams_client()
    model = client.meta.service_model
    for name in model.operation_names:
        client.meta.events.emit(
            f"before-call.dynamodb-streams.{name}", model=model.operation_model(name), params={"body": b"{}"}
        )


def test_an_account_is_never_emptied() -> None:
    with pytest.raises(GuardError, match="never emptied"):
        aws(f"{ACCOUNT}:orders").lease().empty()


def test_the_repr_of_an_accounts_store_calls_it_shared() -> None:
    assert repr(aws().lease()) == "<Shared store on AWS eu-central-1, read-only>"


def test_the_store_of_an_account_is_not_isolated() -> None:
    assert not aws().lease().isolated
    assert aws().title == "AWS eu-central-1, read-only"
    assert aws(f"{ACCOUNT}:shop,orders").title == "AWS eu-central-1, WRITING to orders, shop"


class SessionOf:
    """A boto3 session whose STS says an account, without a network."""

    region_name = "eu-central-1"

    def __init__(self, account: str) -> None:
        session = boto3.session.Session("AKIAIOSFODNN7EXAMPLE", "x", region_name=self.region_name)
        self.sts = session.client("sts")
        stubber = Stubber(self.sts)
        stubber.add_response("get_caller_identity", {"Account": account})
        stubber.activate()

    def get_credentials(self) -> object:
        return object()

    def client(self, service: str, **_: Any) -> Any:
        assert service == "sts"
        return self.sts


def test_writing_needs_the_account_that_the_credentials_belong_to() -> None:
    assert open_aws(write=True, confirm=f"{ACCOUNT}:orders", session=SessionOf(ACCOUNT)).confirmed is not None
    with pytest.raises(GuardError, match=f"belong to another account than {ACCOUNT}") as refused:
        open_aws(write=True, confirm=f"{ACCOUNT}:orders", session=SessionOf(OTHER))

    assert OTHER not in str(refused.value)


@pytest.mark.parametrize(
    "confirm",
    [
        None,
        "",
        "yes",
        "orders",
        ACCOUNT,
        f"{ACCOUNT}:",
        f"{ACCOUNT}:a,,b",
        f"{ACCOUNT[:-1]}:orders",
        f" {ACCOUNT}:orders",
        f"{ACCOUNT}:*",
    ],
)
def test_a_confirmation_that_is_not_exact_is_refused(confirm: str | None) -> None:
    with pytest.raises(GuardError, match="ACCOUNT:TABLE"):
        open_aws(write=True, confirm=confirm, session=SessionOf(ACCOUNT))


def test_a_missing_region_and_missing_credentials_say_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        region_name: str | None = None

        def get_credentials(self) -> None:
            return None

    with pytest.raises(EngineError, match="Set AWS_REGION"):
        open_aws(session=Nothing())
    monkeypatch.setattr(Nothing, "region_name", "eu-central-1")
    with pytest.raises(EngineError, match="Set AWS_PROFILE"):
        open_aws(session=Nothing())


@pytest.mark.parametrize("word", ["aws", "prod"])
def test_two_exact_words_mean_aws(word: str) -> None:
    assert parse_target(word) == "aws"


@pytest.mark.parametrize(
    "word", ["nonprod", "Prod", "PROD", "production", "prod ", "pre-prod", "AWS", "aws-dev", "product", "live"]
)
def test_no_word_near_them_does(word: str) -> None:
    with pytest.raises(UsageError, match="Only the exact words 'aws' and 'prod' mean AWS"):
        parse_target(word)


@pytest.mark.parametrize("word", ["auto", "dynamodb-local", "moto", "http://127.0.0.1:8000"])
def test_the_other_engines_are_as_they_are_called(word: str) -> None:
    assert parse_target(word) == word


@pytest.mark.parametrize("word", ["", "dynamodb", "local", "moot", "ftp://x"])
def test_an_unknown_word_is_refused_with_what_is_known(word: str) -> None:
    with pytest.raises(UsageError, match="is no engine"):
        parse_target(word)


def own_clients() -> list[Any]:
    """Clients as a user's own code makes them: of the default session, of a session of its own, of a resource."""
    keys = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "x", "region_name": "eu-central-1"}
    session = boto3.session.Session(**keys)
    return [boto3.client("dynamodb", **keys), session.client("dynamodb"), session.resource("dynamodb").meta.client]


@pytest.fixture
def own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `guard_process` changes for the whole process is changed back."""
    monkeypatch.setattr(handlers, "BUILTIN_HANDLERS", [*handlers.BUILTIN_HANDLERS])
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.session.Session(region_name="eu-central-1"))


@pytest.mark.usefixtures("own_process")
@pytest.mark.parametrize(("method", "request_"), WRITE)
def test_a_guarded_process_refuses_the_writes_of_every_client_that_its_code_makes(
    method: str, request_: dict[str, Any]
) -> None:
    guard_process(None)

    sent: list[str] = []
    for client in own_clients():
        with pytest.raises(GuardError, match="AWS is read-only here"):
            getattr(mute(client, sent), method)(**request_)
    assert sent == []


@pytest.mark.usefixtures("own_process")
def test_a_guarded_process_lets_confirmed_tables_be_written_and_no_other() -> None:
    guard_process(parse_confirmation(f"{ACCOUNT}:orders"))
    sent: list[str] = []

    for client in own_clients():
        mute(client, sent).put_item(TableName="orders", Item=KEY)
        client.scan(TableName="users")
        with pytest.raises(GuardError, match="PutItem on users was refused"):
            client.put_item(TableName="users", Item=KEY)
    assert sent == ["PutItem", "Scan"] * 3
