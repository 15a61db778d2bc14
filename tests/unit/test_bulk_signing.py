"""Signatures made from a template are those that botocore makes, for any body, day, region and credentials."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from workbench.bulk.signing import Signature, SigningError, utc_stamp

HEADERS = {"X-Amz-Target": "DynamoDB_20120810.BatchWriteItem", "Content-Type": "application/x-amz-json-1.0",
           "User-Agent": "Boto3/1 a  b", "Odd": "  two   blanks "}  # fmt: skip


def signed(body: bytes, stamp: str, *, url: str, region: str, secret: str, token: str | None) -> dict[str, str]:
    """The headers that botocore's own signer gives, by lower-case name."""
    request = AWSRequest(method="POST", url=url, data=body, headers=HEADERS)
    auth = SigV4Auth(Credentials("AKIDEXAMPLE", secret, token), "dynamodb", region)
    request.context["timestamp"] = stamp
    auth._modify_request_before_signing(request)
    text = auth.string_to_sign(request, auth.canonical_request(request))
    auth._inject_signature_to_request(request, auth.signature(text, request))
    return {name.lower(): value for name, value in request.headers.items()}


def stamp(day: int) -> str:
    return utc_stamp(lambda: dt.datetime(2026, 3, 2, 9, 8, 7, tzinfo=dt.UTC) + dt.timedelta(days=day))


@given(
    bodies=st.lists(st.tuples(st.binary(max_size=200), st.integers(0, 3)), min_size=1, max_size=8),
    url=st.sampled_from(
        ["https://dynamodb.eu-central-1.amazonaws.com/", "http://127.0.0.1:8000", "http://[::1]:8000/"]
    ),
    region=st.sampled_from(["eu-central-1", "us-east-1"]),
    secret=st.text(st.characters(codec="ascii", exclude_characters="\n"), min_size=1, max_size=40),
    token=st.none() | st.text("abc+/=", min_size=1, max_size=40),
)
def test_any_body_on_any_day_is_signed_as_botocore_signs_it(bodies: Any, **who: Any) -> None:
    template = signed(b"{}", stamp(0), **who)
    signature = Signature(who["url"], template, b"{}", who["secret"])

    for body, day in bodies:
        assert signature.authorization(body, stamp(day)) == signed(body, stamp(day), **who)["authorization"], (
            "also after the day, and with it the key, has changed and changed back"
        )


WHO: dict[str, Any] = {"url": "https://x.test/", "region": "us-east-1", "secret": "s", "token": None}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"authorization": ""}, "does not sign with Signature Version 4"),
        ({"authorization": "Bearer x"}, "does not sign with Signature Version 4"),
        ({"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, None),
        ({"x-amz-target": "another"}, "the client's own signature is another one"),
    ],
)
def test_a_template_that_is_signed_in_another_way_is_refused(changes: dict[str, str], message: str | None) -> None:
    template = signed(b"{}", stamp(0), **WHO) | changes
    if message is None:  # a header that is not signed changes nothing
        Signature(WHO["url"], template, b"{}", WHO["secret"])
        return

    with pytest.raises(SigningError, match=message):
        Signature(WHO["url"], template, b"{}", WHO["secret"])


def test_a_wrong_secret_shows_at_once() -> None:
    with pytest.raises(SigningError, match="another one"):
        Signature(WHO["url"], signed(b"{}", stamp(0), **WHO), b"{}", "not the secret")
