"""A picture: something to look at, with the text that says the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

RESULT_TYPE = "application/vnd.workbench+json"


@dataclass(frozen=True, repr=False)
class Picture:
    """What a notebook shows: text, and HTML, SVG or JSON that says the same. All of it is deterministic."""

    text: str
    html: str = ""
    svg: str = ""
    data: dict[str, Any] | None = None

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return every form, by mime type, as IPython asks for them."""
        forms = {"text/plain": self.text, "text/html": self.html, "image/svg+xml": self.svg}
        found: dict[str, Any] = {kind: content for kind, content in forms.items() if content}
        return found if self.data is None else {**found, RESULT_TYPE: self.data}
