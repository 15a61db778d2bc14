"""What must not reach a report, a history line or a saved notebook: passwords and keys, found by their shape."""

from __future__ import annotations

import re

__all__ = ["holds_a_secret", "redact"]

_URL_PASSWORD = re.compile(r"""(\b[a-z][a-z0-9+.-]*://[^\s:/@"'\\<>]*:)[^\s@/"'\\<>]+(@)""", re.IGNORECASE)
_DSN_PASSWORD = re.compile(r"""(\bpassword\s*=\s*)(?!\*|["'\\]|None\b)[^\s"'\\,;)<>]+""", re.IGNORECASE)
_KEY_ID = re.compile(r"\b(A[KS]IA)[A-Z0-9]{16}\b")
_NAME = re.compile(r"(?:^|_)(?:password|passwd|secret|token|api_?key|access_?key|credentials?)(?:$|_)", re.IGNORECASE)


def redact(text: str) -> str:
    """Return ``text`` with the passwords of URLs and DSNs, and AWS access key ids, replaced by ``***``."""
    text = _URL_PASSWORD.sub(r"\1***\2", text)
    text = _DSN_PASSWORD.sub(r"\1***", text)
    return _KEY_ID.sub(r"\1***", text)


def holds_a_secret(name: str, value: str) -> bool:
    """Say whether a parameter must not be written down, by its name or by its value."""
    return bool(value) and (bool(_NAME.search(name)) or redact(value) != value)
