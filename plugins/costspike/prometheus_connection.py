"""The Prometheus of a deployment behind its Airflow connection, and what publishing to it needs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from costspike.connections import find_connection, naming_connection

if TYPE_CHECKING:
    import httpx

    from costspike.adapters.prometheus.client import Prometheus
    from costspike.adapters.prometheus.endpoint import Endpoint
    from costspike.adapters.warehouse.database import Database
    from costspike.settings import Settings
    from costspike.usecases.gather_evidence import EvidenceSource
    from costspike.usecases.publish_metrics import Publishing


@contextmanager
def prometheus(settings: Settings) -> Iterator[Prometheus | None]:
    """Yield the Prometheus of the connection, None where there is no such connection.

    Raises:
        UpstreamError: the connection cannot be used.
    """
    conn_id = settings.connections.prometheus
    connection = find_connection(conn_id)
    if connection is None:
        yield None
        return
    from costspike.adapters.prometheus.client import Prometheus
    from costspike.adapters.prometheus.endpoint import endpoint, http_client

    where = endpoint(
        conn_id,
        host=connection.host,
        schema=connection.schema,
        port=connection.port,
        login=connection.login,
        password=connection.password,
        extra=connection.extra_dejson,
    )
    seconds = settings.prometheus.timeout_seconds
    http = http_client(where, timeout_seconds=seconds, auth=_signature(where))
    with Prometheus(http, where, timeout_seconds=seconds) as client:
        yield client


@contextmanager
def publishing(settings: Settings, database: Database) -> Iterator[Publishing]:
    """Yield what ``publish_metrics`` needs; skip the task, with a plain word, where there is nothing to do."""
    from airflow.sdk.exceptions import AirflowSkipException

    from costspike.adapters.prometheus.day_samples import DaySamples
    from costspike.adapters.prometheus.server_status import server_settings
    from costspike.adapters.warehouse.publication import Publication
    from costspike.usecases.publish_metrics import Publishing

    if not settings.prometheus.publish:
        msg = "Nothing is published: prometheus.publish is off."
        raise AirflowSkipException(msg)
    if settings.reading.source == "prometheus" and settings.prometheus_source.preset == "costspike":
        msg = (
            "Nothing is published: the costs are what another costspike publishes, which may have newer ones."
        )
        raise AirflowSkipException(msg)
    with prometheus(settings) as client:
        if client is None:
            msg = f"Nothing is published: there is no connection {settings.connections.prometheus!r}."
            raise AirflowSkipException(msg)
        yield Publishing(
            publication=Publication(database, settings.reading.source),
            samples=DaySamples(client),
            server=server_settings(client),
            sleep=time.sleep,
        )


def _signature(where: Endpoint) -> httpx.Auth | None:
    """Return the signature for Amazon's managed service where the connection names an AWS connection."""
    if where.aws_conn_id is None:
        return None
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

    from costspike.adapters.prometheus.sigv4 import SigV4

    with naming_connection(where.aws_conn_id, "AWS"):
        hook = AwsBaseHook(aws_conn_id=where.aws_conn_id, client_type="sts")
        region = where.region or hook.region_name or "us-east-1"
        # Not the hook's get_credentials, which freezes them: a role's expire while a task runs.
        credentials = hook.get_session(region_name=region).get_credentials()
        if credentials is None:
            msg = "it has no credentials"
            raise ValueError(msg)
    return SigV4(credentials, region)


def workload_source(settings: Settings) -> EvidenceSource:
    """Return the source of evidence that asks the connection's Prometheus about workloads."""
    from costspike.adapters.workload_files import load_catalogue
    from costspike.usecases import workload_evidence

    return workload_evidence.workload_source(
        partial(prometheus, settings),
        partial(load_catalogue, settings.prometheus.evidence_folder),
        settings.prometheus,
    )
