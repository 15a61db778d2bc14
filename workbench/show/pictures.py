"""A picture: something to look at, with the text that says the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, repr=False)
class Picture:
    """What a notebook shows: text, and HTML or SVG that says the same. All of it is deterministic."""

    text: str
    html: str = ""
    svg: str = ""

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return every form, by mime type, as IPython asks for them."""
        forms = {"text/plain": self.text, "text/html": self.html, "image/svg+xml": self.svg}
        return {kind: content for kind, content in forms.items() if content}
