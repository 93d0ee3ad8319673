"""The REST API of a local Airflow in which everybody is admin."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any


class AirflowApi:
    """Calls the API with a token that it fetches when it first needs one."""

    timeout_seconds = 10

    def __init__(self, address: str) -> None:
        self._address = address
        self._token = ""

    def is_healthy(self) -> bool:
        """Tell whether the API answers and the scheduler and the DAG processor have reported to it."""
        try:
            health = self._call("GET", "/api/v2/monitor/health")
        except OSError:
            return False
        return all(
            health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor")
        )

    def dag(self, dag_id: str) -> dict[str, Any] | None:
        """Return a DAG, None while Airflow does not know it."""
        try:
            return self._authorized("GET", f"/api/v2/dags/{dag_id}")
        except urllib.error.HTTPError as error:
            if error.code == 404:  # noqa: PLR2004 - not found
                return None
            raise

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run a DAG."""
        self._authorized("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def trigger(self, dag_id: str) -> None:
        """Start a run without a date."""
        self._authorized("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None})

    def _authorized(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        self._token = self._token or self._call("GET", "/auth/token")["access_token"]
        return self._call(method, path, body)

    def _call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        request = urllib.request.Request(f"{self._address}{path}", method=method)
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        # Never through a proxy: the server is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=self.timeout_seconds) as answer:
            loaded: dict[str, Any] = json.load(answer)
            return loaded
