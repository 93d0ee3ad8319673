"""AWS's services behind one Airflow connection: Cost Explorer, and those that give evidence."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from costspike.connections import naming_connection

if TYPE_CHECKING:
    from costspike.adapters.cloudtrail import CloudTrail
    from costspike.adapters.cost_anomalies import CostAnomalies
    from costspike.adapters.cost_explorer import CostExplorer
    from costspike.settings import Settings

# One more try than the first: evidence is worth a short wait, not a long one.
_EVIDENCE_ATTEMPTS = 2
_LONGEST_CONNECT_SECONDS = 10
_GLOBAL = "us-east-1"
_SESSION_NAME = "costspike-evidence"


def cost_explorer(settings: Settings) -> CostExplorer:
    """Return Cost Explorer; its API is global, in us-east-1 unless the connection says else."""
    from costspike.adapters.cost_explorer import CostExplorer

    own, conn_id = settings.cost_explorer, settings.connections.aws
    with naming_connection(conn_id, "Cost Explorer"):
        client = _client(conn_id, "ce", attempts=own.max_attempts, seconds=own.timeout_seconds)
    return CostExplorer(
        client, conn_id=conn_id, max_attempts=own.max_attempts, max_wait_seconds=own.max_wait_seconds
    )


def cost_anomalies(settings: Settings) -> CostAnomalies:
    """Return AWS Cost Anomaly Detection, which is a part of Cost Explorer's API."""
    from costspike.adapters.cost_anomalies import CostAnomalies

    conn_id = settings.connections.aws
    with naming_connection(conn_id, "Cost Anomaly Detection"):
        return CostAnomalies(_evidence_client(settings, "ce", _GLOBAL), conn_id=conn_id)


def cloudtrail(settings: Settings) -> CloudTrail:
    """Return CloudTrail: of the connection's own account, or of each account whose role may be assumed."""
    from costspike.adapters.cloudtrail import CloudTrail

    conn_id, role = settings.connections.aws, settings.evidence.cloudtrail_role

    @cache
    def sts() -> Any:
        with naming_connection(conn_id, "CloudTrail"):
            return _evidence_client(settings, "sts", _GLOBAL)

    @cache
    def identity() -> Any:
        return sts().get_caller_identity()

    def client_for(account_id: str, region: str) -> Any:
        assumed = None
        if role and account_id and account_id != identity()["Account"]:
            # The partition (aws, aws-cn, aws-us-gov) is that of the connection's own identity.
            partition = identity()["Arn"].split(":")[1]
            arn = f"arn:{partition}:iam::{account_id}:role/{role}"
            assumed = sts().assume_role(RoleArn=arn, RoleSessionName=_SESSION_NAME)
        with naming_connection(conn_id, "CloudTrail"):
            return _evidence_client(settings, "cloudtrail", region, assumed)

    return CloudTrail(
        client_for,
        conn_id=conn_id,
        own_account=lambda: str(identity()["Account"]),
        has_role=bool(role),
    )


def _evidence_client(settings: Settings, service: str, region: str, assumed: Any = None) -> Any:
    return _client(
        settings.connections.aws,
        service,
        attempts=_EVIDENCE_ATTEMPTS,
        seconds=settings.evidence.timeout_seconds,
        region=region,
        assumed=assumed,
    )


def _client(
    conn_id: str, service: str, *, attempts: int, seconds: float, region: str = "", assumed: Any = None
) -> Any:
    """Return a boto3 client of the connection; with ``assumed`` it acts with those credentials."""
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
    from botocore.config import Config

    config = Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        read_timeout=seconds,
        connect_timeout=min(seconds, _LONGEST_CONNECT_SECONDS),
    )
    hook = AwsBaseHook(aws_conn_id=conn_id, client_type=service, config=config)
    region = region or hook.region_name or _GLOBAL
    if assumed is None:
        return hook.get_client_type(region_name=region, config=config)
    import boto3

    keys = assumed["Credentials"]
    return boto3.client(
        service,
        region_name=region,
        config=config,
        endpoint_url=hook.conn_config.get_service_endpoint_url(service),
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
