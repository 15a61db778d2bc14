"""nbval in the notebooks: what is compared and what is not.

text/html is the same answer dressed up, and is tested in tests/unit/test_show_*; images and stderr are not compared
(tests/notebooks/test_hygiene.py refuses stderr in what is committed).
"""

from __future__ import annotations

from typing import Any


def pytest_collectstart(collector: Any) -> None:
    if hasattr(collector, "skip_compare"):
        collector.skip_compare = (*collector.skip_compare, "text/html", "stderr", "image/svg+xml")
