"""moto's server in this process, bound to loopback: the engine for machines without Java, and for small data only.

Its capacity figures are constants, it sorts the whole table for each page, and it loses concurrent increments. It keeps
its tables by account and region, whatever the access key, so a store here is a region of its own with a made-up name,
which ``MOTO_ALLOW_NONEXISTENT_REGION`` permits.
"""

from __future__ import annotations

import os
import secrets
from typing import Any

from workbench.engines.protocol import LOOPBACK
from workbench.engines.state import whole_number
from workbench.errors import EngineError

__all__ = ["Moto"]

DEFAULT_STORES = 64


class Moto:
    """The backend of kind ``moto``."""

    def __init__(self) -> None:
        self.max_stores = whole_number("WORKBENCH_STORES", DEFAULT_STORES)
        self._server: Any = None
        self._endpoint = ""

    def start(self, port: int) -> dict[str, Any]:
        """Start the server in a thread."""
        os.environ["MOTO_ALLOW_NONEXISTENT_REGION"] = "true"  # read when moto is imported
        import logging

        import moto
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else a line a request
        self._server = ThreadedMotoServer(ip_address=LOOPBACK, port=port, verbose=False)
        self._server.start()
        host, listening = self._server.get_host_and_port()
        if not self.alive():
            raise EngineError(f"moto could not listen on {host}:{port}")
        self._endpoint = f"http://{LOOPBACK}:{listening}"
        return {"endpoint": self._endpoint, "port": listening, "version": moto.__version__}

    def stop(self) -> None:
        """Stop the server."""
        self._server.stop()

    def alive(self) -> bool:
        """Say whether the server's thread runs."""
        thread = self._server._thread
        return thread is not None and thread.is_alive()

    def new_store(self) -> dict[str, Any]:
        """Return a new, unguessable region of the form that AWS's clients accept."""
        return {"access_key": "workbench", "region": f"wb-{secrets.token_hex(12)}-1"}

    def empty_store(self, store: dict[str, Any]) -> None:
        """Delete every table of the store, protected ones too."""
        from workbench.engines.clients import empty_for_good, make_client

        empty_for_good(make_client("dynamodb", self._endpoint, store))
