"""AWS services that give evidence, behind the same Airflow connection as Cost Explorer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costspike.connections import naming_connection

if TYPE_CHECKING:
    from costspike.adapters.cloudtrail import CloudTrail
    from costspike.adapters.cost_anomalies import CostAnomalies
    from costspike.settings import Settings

# One more try than the first: evidence is worth a short wait, not a long one.
_ATTEMPTS = 2
_GLOBAL = "us-east-1"
_SESSION_NAME = "costspike-evidence"


def cost_anomalies(settings: Settings) -> CostAnomalies:
    """Return AWS Cost Anomaly Detection, which is a part of Cost Explorer's API."""
    from costspike.adapters.cost_anomalies import CostAnomalies

    conn_id = settings.connections.aws
    with naming_connection(conn_id, "Cost Anomaly Detection"):
        return CostAnomalies(_client(settings, "ce", _GLOBAL), conn_id=conn_id)


def cloudtrail(settings: Settings) -> CloudTrail:
    """Return CloudTrail: of the connection's own account, or of each account whose role may be assumed."""
    from costspike.adapters.cloudtrail import CloudTrail

    conn_id, role = settings.connections.aws, settings.evidence.cloudtrail_role

    def client_for(account_id: str, region: str) -> Any:
        with naming_connection(conn_id, "CloudTrail"):
            if not role or not account_id:
                return _client(settings, "cloudtrail", region)
            sts = _client(settings, "sts", _GLOBAL)
        own = sts.get_caller_identity()
        if own["Account"] == account_id:
            return _client(settings, "cloudtrail", region)
        # The partition (aws, aws-cn, aws-us-gov) is that of the connection's own identity.
        partition = own["Arn"].split(":")[1]
        arn = f"arn:{partition}:iam::{account_id}:role/{role}"
        return _client(
            settings, "cloudtrail", region, sts.assume_role(RoleArn=arn, RoleSessionName=_SESSION_NAME)
        )

    return CloudTrail(
        client_for,
        conn_id=conn_id,
        own_account=lambda: str(_client(settings, "sts", _GLOBAL).get_caller_identity()["Account"]),
        has_role=bool(role),
    )


def _client(settings: Settings, service: str, region: str, assumed: Any = None) -> Any:
    """Return a boto3 client of the connection; with ``assumed`` it acts with those credentials."""
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
    from botocore.config import Config

    seconds = settings.evidence.timeout_seconds
    config = Config(
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        read_timeout=seconds,
        connect_timeout=min(seconds, 10),
    )
    hook = AwsBaseHook(aws_conn_id=settings.connections.aws, client_type=service, config=config)
    client = hook.get_client_type(region_name=region, config=config)
    if assumed is None:
        return client
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
