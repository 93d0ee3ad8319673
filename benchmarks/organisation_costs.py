"""What a made-up organisation costs on ordinary days: services, sizes, weekends, noise, monthly fees."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import numpy as np

from benchmarks.organisation import COMPUTE, DAYS, FIRST_DAY, Floats, Key, Organisation

# Service, how it behaves, its usage types, its usual share of a bill.
SERVICES: Final[Sequence[tuple[str, str, tuple[str, ...], float]]] = (
    (COMPUTE, "servers", ("BoxUsage:m7g.large", "BoxUsage:c7i.4xlarge", "BoxUsage:r7g.xlarge"), 9.0),
    ("EC2 - Other", "storage", ("EBS:VolumeUsage.io2", "EBS:SnapshotUsage", "NatGateway-Bytes"), 3.0),
    ("Amazon Relational Database Service", "servers", ("InstanceUsage:db.m7g", "RDS:IO2-Storage"), 4.0),
    ("Amazon Simple Storage Service", "storage", ("TimedStorage-ByteHrs", "Requests-Tier1"), 2.5),
    ("Amazon CloudFront", "traffic", ("DataTransfer-Out-Bytes", "Requests-HTTPS"), 1.5),
    ("AWS Lambda", "traffic", ("Lambda-GB-Second", "Request"), 1.2),
    ("Amazon DynamoDB", "traffic", ("WriteRequestUnits", "ReadRequestUnits"), 1.0),
    ("AmazonCloudWatch", "traffic", ("DataProcessing-Bytes", "MetricMonitorUsage"), 0.8),
    ("Amazon Bedrock", "requests", ("InputTokenCount", "OutputTokenCount"), 0.8),
    ("Amazon Elastic Kubernetes Service", "servers", ("AmazonEKS-Hours",), 0.5),
    ("Amazon OpenSearch Service", "servers", ("ESInstance:m7g", "ES:GP3-Storage"), 1.0),
    ("Amazon Virtual Private Cloud", "traffic", ("VpcEndpoint-Hours", "TransitGateway-Bytes"), 0.6),
    ("AWS Key Management Service", "requests", ("KMS-Requests",), 0.2),
    ("AWS Glue", "batch", ("ETL-DPU-Hour",), 0.8),
    ("Amazon Elastic MapReduce", "batch", ("BoxUsage:r6g.4xlarge",), 0.8),
    ("Amazon Athena", "batch", ("DataScannedInTB",), 0.4),
    ("AWS Step Functions", "requests", ("StateTransition",), 0.2),
    ("Amazon Kinesis", "traffic", ("Storage-ShardHour",), 0.3),
)
REGIONS: Final = ("us-west-2", "eu-west-1", "ap-southeast-2", "eu-north-1")


def everyday(org: Organisation, typical: float) -> None:
    random = org.random
    growth = np.exp(np.linspace(0, random.normal(0.15, 0.2), DAYS))
    sizes: dict[Key, float] = {}
    for weight, account in zip(random.dirichlet(np.full(len(org.accounts), 0.7)), org.accounts, strict=True):
        for service, kind, usage_types, share in SERVICES:
            if random.random() < 0.75 - 0.35 * (len(org.accounts) > 4):
                for usage_type in usage_types:
                    for region in random.permutation(REGIONS)[: 1 + (random.random() < 0.35)]:
                        key = (account, service, usage_type, str(region))
                        sizes[key] = (0.02 + weight) * share * random.lognormal(0, 1.1)
                        org.kinds[key] = kind
    scale = typical / sum(sizes.values())
    for key, size in sizes.items():
        org.series[key] = size * scale * growth * _shape(random, org.kinds[key])


def _shape(random: np.random.Generator, kind: str) -> Floats:
    """Return what a series of a kind costs, around 1."""
    days = np.arange(DAYS)
    weekend = (days % 7 >= 5).astype(float)
    match kind:
        case "servers":
            idle = random.choice([0.0, 0.0, 0.5, 0.75]) * random.uniform(0.8, 1.0)
            return np.asarray(
                (1 - idle * weekend) * _noise(random, random.uniform(0.003, 0.04), 0.3) * _steps(random, 2)
            )
        case "storage":
            trend = np.exp(random.normal(0.0006, 0.0006) * days)
            return np.asarray(trend * _noise(random, random.uniform(0.003, 0.06), 0.7))
        case "traffic":
            dip = 1 - random.uniform(-0.1, 0.45) * weekend
            return dip * _noise(random, random.uniform(0.03, 0.13), 0.6) * _bursts(random, 4)
        case "requests":
            return _noise(random, random.uniform(0.08, 0.25), 0.4) * _bursts(random, 5) * _steps(random, 2)
        case _:
            runs = (random.random(DAYS) < random.uniform(0.06, 0.5)).astype(float)
            return np.asarray(runs * random.lognormal(0, random.uniform(0.15, 0.5), DAYS) * 2)


def _noise(random: np.random.Generator, sigma: float, memory: float) -> Floats:
    shocks = np.clip(random.standard_t(5, DAYS), -4, 4) * sigma * np.sqrt(1 - memory**2) / 1.29
    values = np.zeros(DAYS)
    for at in range(1, DAYS):
        values[at] = memory * values[at - 1] + shocks[at]
    return np.exp(values)


def _bursts(random: np.random.Generator, a_year: float) -> Floats:
    factor = np.ones(DAYS)
    for start in random.integers(0, DAYS, size=random.poisson(a_year * DAYS / 365)):
        factor[start : start + random.integers(1, 4)] *= random.uniform(1.1, 1.4)
    return factor


def _steps(random: np.random.Generator, a_year: float) -> Floats:
    """Return small lasting changes: a server more or less."""
    factor = np.ones(DAYS)
    for start in random.integers(0, DAYS, size=random.poisson(a_year * DAYS / 365)):
        factor[start:] *= random.uniform(0.88, 1.12)
    return factor


def monthly_fees(org: Organisation, typical: float) -> None:
    first = org.accounts[0]
    days = [FIRST_DAY + timedelta(days=column) for column in range(DAYS)]
    fees = {
        (first, "AWS Support (Business)", "Dollar", "global"): (1, 1.5),
        (first, "Tax", "Tax", "global"): (2, 2.2),
        (first, "Observability (AWS Marketplace)", "MP:subscription", "global"): (17, 0.8),
    }
    for key, (number, share) in fees.items():
        due = np.array([day.day == number for day in days], dtype=float)
        org.series[key] = due * share * typical * org.random.lognormal(0, 0.06, DAYS)
        org.kinds[key] = "fee"
    credit = np.where(org.random.random(DAYS) < 0.02, -0.3 * typical, 0.0)
    org.series[(first, "AWS Credits", "Credit", "global")] = credit
    org.kinds[(first, "AWS Credits", "Credit", "global")] = "fee"
