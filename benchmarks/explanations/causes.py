"""Spikes of a known cause, each in three sizes and places, and those whose cause nobody can know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from benchmarks.explanations.case import Case, event, first_use, split, workload
from costspike.domain.facts import Value

EC2, EC2_OTHER = "Amazon Elastic Compute Cloud - Compute", "EC2 - Other"
S3, CLOUDWATCH = "Amazon Simple Storage Service", "AmazonCloudWatch"
SHOP, DATA, SANDBOX = "210987654321", "321098765432", "432109876543"

Rows = Mapping[str, Sequence[Mapping[str, Value]]]


class Place(NamedTuple):
    """Where and how large: region, its code on the bill, account, dollars a day above the expected."""

    region: str
    code: str
    account_id: str
    rise: str


PLACES = (
    Place("us-east-1", "USE1", SHOP, "310.40"),
    Place("eu-west-1", "EU", DATA, "84.15"),
    Place("eu-central-1", "EUC1", SANDBOX, "1275.90"),
)


def causes() -> list[Case]:
    """Return all cases without an injection."""
    made = [make(place) for make in _ARCHETYPES for place in PLACES]
    return [*made, *_without_a_cause()]


def _case(
    name: str,
    place: Place,
    categories: str,
    where: tuple[str, str],
    evidence: Rows,
    *,
    telling: frozenset[str] | None = None,
    expected: str = "120",
    is_provable: bool = True,
) -> Case:
    """Return a case; ``where`` is service and usage type, ``telling`` all evidence unless it is said."""
    service, usage_type = where
    return Case(
        name=f"{name}, {place.region}",
        categories=frozenset(categories.split()),
        service=service,
        usage_type=f"{place.code}-{usage_type}",
        region=place.region,
        account_id=place.account_id,
        expected=expected,
        rise=place.rise,
        telling=frozenset(evidence) if telling is None else telling,
        is_provable=is_provable,
        evidence=evidence,
    )


def _nat_route(at: Place) -> Case:
    evidence: Rows = {
        "effect_split": [split(at.rise, usage="100")],
        "cloudtrail": [
            event(
                "ReplaceRoute",
                "terraform-network",
                at.region,
                resource="AWS::EC2::RouteTable rtb-0f3a9c2d71b8e4c65",
            )
        ],
    }
    return _case(
        "NAT gateway route change",
        at,
        "data_transfer misconfiguration",
        (EC2_OTHER, "NatGateway-Bytes"),
        evidence,
        telling=frozenset({"cloudtrail"}),
    )


def _gpu(at: Place) -> Case:
    evidence: Rows = {
        "effect_split": [split(at.rise, usage="100")],
        "new_resources": [
            first_use("usage_type", f"{at.code}-BoxUsage:p4d.24xlarge", at.rise, everywhere=False)
        ],
        "cloudtrail": [
            event(
                "RunInstances",
                "training-notebook",
                at.region,
                resource="AWS::EC2::Instance i-0a4be81c9d27f3056",
            )
        ],
    }
    return _case(
        "runaway GPU training",
        at,
        "usage_growth new_resource misconfiguration",
        (EC2, "BoxUsage:p4d.24xlarge"),
        evidence,
    )


def _requests(at: Place) -> Case:
    evidence: Rows = {
        "effect_split": [split(at.rise, usage="100")],
        "workload": [workload("s3_requests", "210", "18400", "requests/s", "bucket=thumbnails")],
    }
    return _case("S3 request storm", at, "usage_growth misconfiguration", (S3, "Requests-Tier1"), evidence)


def _logs(at: Place) -> Case:
    evidence: Rows = {
        "effect_split": [split(at.rise, usage="100")],
        "cloudtrail": [
            event(
                "PutSubscriptionFilter",
                "deploy-staging",
                at.region,
                resource="AWS::Logs::LogGroup /ecs/log-router",
            )
        ],
        "workload": [workload("log_bytes", "1400000", "96000000", "bytes/s", "log_group=/ecs/log-router")],
    }
    return _case(
        "log ingestion loop",
        at,
        "misconfiguration usage_growth",
        (CLOUDWATCH, "DataProcessing-Bytes"),
        evidence,
    )


def _cross_az(at: Place) -> Case:
    evidence: Rows = {
        "effect_split": [split(at.rise, usage="100")],
        "workload": [workload("pod_egress", "4100000", "88000000", "bytes/s", "namespace=search")],
        "cloudtrail": [event("UpdateService", "deploy-search", at.region)],
    }
    return _case(
        "cross-AZ traffic",
        at,
        "data_transfer usage_growth misconfiguration",
        (EC2_OTHER, "DataTransfer-Regional-Bytes"),
        evidence,
    )


def _plan(at: Place) -> Case:
    evidence: Rows = {"effect_split": [split(at.rise, commitment="100")]}
    return _case("Savings Plan expiry", at, "pricing_or_commitment", (EC2, "BoxUsage:m6i.2xlarge"), evidence)


def _tier(at: Place) -> Case:
    evidence: Rows = {"effect_split": [split(at.rise, usage="3", price="97")]}
    return _case("price tier change", at, "pricing_or_commitment", (S3, "TimedStorage-ByteHrs"), evidence)


def _trial(at: Place) -> Case:
    service = "Amazon OpenSearch Service"
    evidence: Rows = {
        "new_resources": [first_use("service", service, at.rise)],
        "cloudtrail": [event("CreateDomain", "bo.trial", at.region)],
    }
    return _case(
        "new service on trial",
        at,
        "new_resource",
        (service, "ESInstance:r6g.large"),
        evidence,
        expected="0",
    )


def _stolen(at: Place) -> Case:
    evidence: Rows = {
        "new_resources": [
            first_use("region", at.region, at.rise),
            first_use("usage_type", f"{at.code}-BoxUsage:g5.48xlarge", at.rise),
        ],
        "cloudtrail": [
            event("CreateAccessKey", "ci-legacy", "us-east-1", hour=0),
            event("RunInstances", "ci-legacy", at.region, count=24),
        ],
    }
    return _case(
        "stolen keys", at, "security_incident", (EC2, "BoxUsage:g5.48xlarge"), evidence, expected="0"
    )


def _marketplace(at: Place) -> Case:
    service = "AWS Marketplace"
    evidence: Rows = {
        "new_resources": [first_use("usage_type", f"{at.code}-SoftwareContract-Annual", at.rise)]
    }
    return _case(
        "marketplace fee",
        at,
        "one_time_charge new_resource",
        (service, "SoftwareContract-Annual"),
        evidence,
        expected="0",
    )


def _double(at: Place) -> Case:
    evidence: Rows = {
        "effect_split": [split(at.rise, usage="48", commitment="52")],
        "cloudtrail": [event("UpdateAutoScalingGroup", "deploy-shop", at.region)],
    }
    return _case(
        "two causes at once",
        at,
        "usage_growth pricing_or_commitment",
        (EC2, "BoxUsage:m6i.4xlarge"),
        evidence,
    )


def _replication(at: Place) -> Case:
    bucket = "AWS::S3::Bucket shop-backups"
    evidence: Rows = {
        "effect_split": [split(at.rise, usage="100")],
        "cloudtrail": [event("PutBucketReplication", "backup-admin", at.region, resource=bucket)],
    }
    where = (S3, "DataTransfer-Out-Bytes")
    return _case("bucket replication", at, "data_transfer misconfiguration", where, evidence)


def _without_a_cause() -> Iterator[Case]:
    for place in PLACES:
        yield _case(
            "unknown cause",
            place,
            "unknown",
            (EC2_OTHER, "EBS:VolumeIOUsage"),
            {},
            is_provable=False,
        )
        past: Rows = {
            "past_incidents": [
                {
                    "first_day": "2026-10-18",
                    "last_day": "2026-10-18",
                    "days": "1",
                    "impact_cost": f"{float(place.rise) * 0.98:.2f}",
                    "outcome": "the cost went back to what was expected",
                    "explained_as": "usage_growth",
                    "human_verdict": "expected: the monthly report",
                }
            ]
        }
        yield _case(
            "no cause: the monthly report",
            place,
            "usage_growth unknown one_time_charge",
            ("Amazon Athena", "DataScannedInTB"),
            past,
        )


_ARCHETYPES: tuple[Callable[[Place], Case], ...] = (
    _nat_route,
    _gpu,
    _requests,
    _logs,
    _cross_az,
    _plan,
    _tier,
    _trial,
    _stolen,
    _marketplace,
    _double,
    _replication,
)
