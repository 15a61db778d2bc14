"""What must not reach a report, a history line or a saved notebook: passwords and keys, found by their shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["HIDDEN", "holds_a_secret", "redact", "redacted"]

HIDDEN = "***"
_NAME = re.compile(r"password|passwd|secret|token|credential|(^|_)dsn$|(^|_)(access|api|private)_?key", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"""(\b[a-z][a-z0-9+.-]*://[^\s:/@"'\\<>]*:)[^\s@/"'\\<>]+(@)""", re.IGNORECASE)
_DSN_KEY = r"(?:host|hostaddr|port|user|dbname)=[^\s\"'\\]+"
_DSN_PASSWORD = re.compile(
    rf"""({_DSN_KEY}\s(?:[^\n"\\]*\s)?password=)[^\s"'\\<>]+|(\bpassword=)[^\s"'\\<>]+(?=\s{_DSN_KEY})""", re.IGNORECASE
)
_KEY_ID = re.compile(r"\b(A[KS]IA)[A-Z0-9]{16}\b")


def holds_a_secret(name: str, value: str) -> bool:
    """Say whether a parameter must not be written down, by its name or by its value."""
    return _NAME.search(name) is not None or redact(value) != value


def redact(text: str) -> str:
    """Return ``text`` with the passwords of URLs and DSNs, and AWS access key ids, replaced by ``***``."""
    text = _URL_PASSWORD.sub(rf"\1{HIDDEN}\2", text)
    text = _DSN_PASSWORD.sub(lambda found: f"{found[1] or found[2]}{HIDDEN}", text)
    return _KEY_ID.sub(rf"\1{HIDDEN}", text)


def redacted(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters fit for a record: secrets, known by the name or the value, are hidden."""
    return {name: HIDDEN if holds_a_secret(name, str(value)) else value for name, value in parameters.items()}
