"""Signature Version 4 over many bodies: everything but date, body and signature is made once from a template.

The template is a request that the boto3 client itself prepared and signed. What is made here is compared with it once:
where botocore signs in another way than this module does, the module says so instead of signing.
Source: AWS, "Create a signed AWS API request".
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

__all__ = ["Signature", "SigningError"]

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<access>[^/]+)/[0-9]{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request, "
    r"SignedHeaders=(?P<names>[^,]+), Signature=(?P<signature>[0-9a-f]{64})"
)


class SigningError(Exception):
    """The client signs in a way that is not known here."""


class Signature:
    """Signs bodies as the client signed its template.

    ``url`` and ``headers`` are the template's, by lower-case name; ``secret`` is the secret key. SigningError where the
    template is not signed by this scheme, or where signing its ``body`` again gives something else.
    """

    def __init__(self, url: str, headers: Mapping[str, str], body: bytes, secret: str) -> None:
        found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if found is None or "x-amz-date" not in headers:
            raise SigningError("the client does not sign with Signature Version 4")
        self._secret = secret
        self._scope = (found["region"], found["service"], "aws4_request")
        self._access = found["access"]
        self._names = found["names"].split(";")
        parts = urlsplit(url)
        signed = {"host": parts.netloc, **headers}
        lines = [f"{name}:{' '.join(signed[name].split())}" for name in self._names if name in signed]
        head, found_date, tail = "\n".join(lines).partition(f"x-amz-date:{headers['x-amz-date']}")
        if not found_date or parts.query or len(lines) != len(self._names):
            raise SigningError("the client signs headers that are not known here")
        self._before = f"POST\n{parts.path or '/'}\n\n{head}x-amz-date:".encode()
        self._after = f"{tail}\n\n{found['names']}\n".encode()
        self._day = ("", b"")
        if self.authorization(body, headers["x-amz-date"]) != headers["authorization"]:
            raise SigningError("the client's own signature is another one")

    def authorization(self, body: bytes, stamp: str) -> str:
        """Return the Authorization header of a body that is sent at ``stamp`` (``20260302T090000Z``)."""
        day = stamp[:8]
        scope = "/".join((day, *self._scope))
        request = b"".join((self._before, stamp.encode(), self._after, hashlib.sha256(body).hexdigest().encode()))
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request).hexdigest()}"
        signature = hmac.digest(self._key(day), text.encode(), "sha256").hex()
        names = ";".join(self._names)
        return f"AWS4-HMAC-SHA256 Credential={self._access}/{scope}, SignedHeaders={names}, Signature={signature}"

    def _key(self, day: str) -> bytes:
        known, key = self._day  # read and replaced as one, so that threads need no lock
        if known != day:
            key = f"AWS4{self._secret}".encode()
            for part in (day, *self._scope):
                key = hmac.digest(key, part.encode(), "sha256")
            self._day = (day, key)
        return key


def utc_stamp(now: Callable[[], dt.datetime] | None = None) -> str:
    """Return the moment as X-Amz-Date writes it."""
    moment = now() if now else dt.datetime.now(dt.UTC)
    return moment.strftime("%Y%m%dT%H%M%SZ")
