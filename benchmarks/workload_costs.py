"""What the workloads of an organisation cost by day: instances by the hour, requests, bytes, what is kept, fees."""

from datetime import timedelta
from typing import Final

import numpy as np

from benchmarks.organisation import COMPUTE, DAYS, FIRST_DAY, Floats, Key, Organisation
from benchmarks.workload_traffic import by_day, deployments, drift, fleet, jobs, office, traffic

PLANS: Final = "Savings Plans for AWS Compute usage"
_HOMES: Final = ("us-east-1", "eu-central-1", "us-west-2", "ap-southeast-1")
_INSTANCES: Final = ("m6i.xlarge", "c6g.2xlarge", "r6i.large", "t3.large", "c7i.xlarge", "m7g.2xlarge")
_JOBS: Final = (
    ("Amazon EMR", "BoxUsage:r5.4xlarge"),
    ("AWS Glue", "ETL-DPU-Hour"),
    ("Amazon Athena", "DataScannedInTB"),
    ("AWS Batch", "BoxUsage:c5.9xlarge"),
    ("Amazon SageMaker", "Training:ml.g5.2xlarge"),
    ("AWS CodeBuild", "Build-Min:Linux"),
)


def everyday(org: Organisation, typical: float) -> None:
    """Put a year and a half of ordinary days on an organisation that costs ``typical`` on the median day."""
    random = org.random
    for weight in random.dirichlet(np.full(random.integers(2, 7), 0.9)):
        _application(org, 0.03 + weight)
    for account in org.accounts:
        _platform(org, account, random.lognormal(-3.2, 0.7))
    for _ in range(random.integers(2, 7)):
        service, usage_type = _JOBS[random.integers(len(_JOBS))]
        key = (str(random.choice(org.accounts)), service, usage_type, str(random.choice(_HOMES[:2])))
        _put(org, key, "batch", jobs(random), random.lognormal(-3.0, 1.0))
    whole = np.sum(list(org.series.values()), axis=0)
    for key in org.series:
        org.series[key] = org.series[key] * typical / float(np.median(whole))
    _commitment(org)


def fees(org: Organisation, typical: float) -> None:
    """Put on what comes by the calendar: support as a share of last month, tax, marketplace, zones, refunds."""
    random, first = org.random, org.accounts[0]
    dates = [FIRST_DAY + timedelta(days=column) for column in range(DAYS)]
    whole = np.sum(list(org.series.values()), axis=0)
    month = np.array([date.year * 12 + date.month for date in dates])
    last_month = np.array([whole[month == one - 1].sum() or 30 * typical for one in month])
    due = {
        (first, "AWS Support (Enterprise)", "Dollar", ""): (1, 0.03 * last_month),
        (first, "Tax", "", ""): (random.integers(2, 5), 0.02 * last_month),
        (first, "AWS Marketplace", "MP:SecurityAgent", "us-east-1"): (random.integers(5, 28), 0.7 * typical),
        (org.accounts[-1], "Amazon Route 53", "HostedZone", "global"): (1, 0.05 * typical),
        (first, "Amazon Registrar", "DomainRenewal", "global"): (random.integers(5, 28), 0.02 * typical),
    }
    for key, (number, amount) in due.items():
        on = np.array([date.day == number for date in dates], dtype=float)
        _put(org, key, "fee", on * amount * random.lognormal(0, 0.03, DAYS), 1.0)
    given = np.where(random.random(DAYS) < 0.01, -random.uniform(0.1, 0.8) * typical, 0.0)
    _put(org, (first, "AWS Refund", "Refund", "global"), "fee", given, 1.0)


def _application(org: Organisation, weight: float) -> None:
    random = org.random
    account, home = str(random.choice(org.accounts)), str(random.choice(_HOMES))
    hourly = traffic(random)
    requests = by_day(hourly)

    def put(service: str, usage_type: str, kind: str, amounts: Floats, share: float) -> None:
        key = (account, service, usage_type, home)
        _put(org, key, kind, amounts, weight * share * random.lognormal(0, 0.5))

    if random.random() < 0.75:
        for name in random.permutation(_INSTANCES)[: random.integers(1, 4)]:
            put(COMPUTE, f"BoxUsage:{name}", "servers", by_day(fleet(random, hourly)), 0.25)
        put("Amazon Elastic Load Balancing", "LCUUsage", "requests", requests, 0.02)
        put("EC2 - Other", "EBS:VolumeUsage.gp3", "storage", _kept(random, requests, 400), 0.08)
    else:
        effort = requests * deployments(random, 0.06) * random.gamma(50, 1 / 50, DAYS)
        put("AWS Lambda", "Lambda-GB-Second", "requests", effort, 0.15)
        put("Amazon API Gateway", "ApiGatewayRequest", "requests", requests, 0.05)
        put("Amazon DynamoDB", "WriteRequestUnits", "requests", requests * deployments(random, 0.05), 0.1)
    put("Amazon Relational Database Service", "InstanceUsage:db.r6g", "servers", _resized(random), 0.18)
    put(
        "Amazon Relational Database Service", "RDS:GP3-Storage", "storage", _kept(random, requests, 500), 0.04
    )
    put("Amazon Simple Storage Service", "TimedStorage-ByteHrs", "storage", _kept(random, requests, 250), 0.1)
    put("Amazon Simple Storage Service", "Requests-Tier1", "requests", requests, 0.02)
    size = drift(random, random.uniform(0.05, 0.3), 4)
    put("AWS Data Transfer", "DataTransfer-Out-Bytes", "requests", requests * size, 0.08)
    put("Amazon CloudFront", "DataTransfer-Out-Bytes", "requests", requests * size**0.5, 0.05)
    errors = 1 + 0.15 * np.minimum(random.pareto(2.5, DAYS), 3)
    put(
        "AmazonCloudWatch",
        "DataProcessing-Bytes",
        "requests",
        requests * errors * deployments(random, 0.1),
        0.05,
    )
    put("EC2 - Other", "NatGateway-Bytes", "requests", requests * drift(random, 0.2, 2), 0.03)
    put("Amazon ElastiCache", "NodeUsage:cache.r6g", "servers", _resized(random), 0.05)


def _platform(org: Organisation, account: str, weight: float) -> None:
    random, home = org.random, str(org.random.choice(_HOMES))

    def steady(sigma: float) -> Floats:
        return drift(random, sigma, 20)

    found = {
        ("AWS Config", "ConfigurationItemRecorded"): ("requests", by_day(traffic(random)), 0.3),
        ("Amazon GuardDuty", "PaidEventsAnalyzed"): ("requests", by_day(traffic(random)), 0.3),
        ("AWS Key Management Service", "KMS-Requests"): ("requests", by_day(traffic(random)), 0.1),
        ("Amazon Virtual Private Cloud", "VpcEndpoint-Hours"): ("servers", _resized(random), 0.3),
        ("Amazon Elastic Container Service", "Fargate-vCPU-Hours"): ("servers", _resized(random), 0.6),
        ("EC2 - Other", "EBS:SnapshotUsage"): ("storage", steady(0.05), 0.4),
        (COMPUTE, "BoxUsage:m6i.large"): ("servers", office(random), 1.2),
        ("AWS Backup", "WarmStorage-ByteHrs"): ("storage", steady(0.08), 0.3),
    }
    for (service, usage_type), (kind, amounts, share) in found.items():
        if random.random() < 0.6:
            _put(org, (account, service, usage_type, home), kind, amounts, weight * share)


def _put(org: Organisation, key: Key, kind: str, amounts: Floats, mean: float) -> None:
    """Add a series that costs ``mean`` on a day on which it costs anything (for fees: what ``amounts`` says)."""
    level = 1.0 if kind == "fee" else float(amounts[amounts > 0].mean())
    org.series[key] = org.series.get(key, np.zeros(DAYS)) + amounts / level * mean
    org.kinds.setdefault(key, kind)


def _kept(random: np.random.Generator, requests: Floats, days: float) -> Floats:
    """Return what is stored: some of each day's traffic, deleted after a while; it begins half full."""
    stored, found = 0.5 * days * float(requests[:30].mean()), np.zeros(DAYS)
    for at in range(DAYS):
        stored += float(requests[at]) - stored / days
        found[at] = stored
    return found * random.gamma(4000, 1 / 4000, DAYS)


def _resized(random: np.random.Generator) -> Floats:
    """Return instances that run all day, in whole numbers that change two or three times a year."""
    count = float(random.integers(8, 40))
    found = np.zeros(DAYS)
    for at in range(DAYS):
        if random.random() < 2.5 / 365:
            count = max(1.0, count + random.choice([-1, 1]))
        found[at] = count
    return found


def _commitment(org: Organisation) -> None:
    """Let a plan pay for a part of the compute of half of the organisations from the first day on.

    What the plan holds is spent first, so what is left to pay on demand swings more than the usage does.
    """
    compute = [key for key in org.series if key[1] == COMPUTE]
    if not compute or org.random.random() < 0.5:
        return
    usage = np.sum([org.series[key] for key in compute], axis=0)
    held = org.random.uniform(0.3, 0.75) * float(np.quantile(usage, 0.1))
    for key in compute:
        org.series[key] = org.series[key] * (1 - held / np.maximum(usage, held))
    _put(
        org,
        (org.accounts[0], PLANS, "ComputeSP:1yrNoUpfront", "global"),
        "plan",
        np.full(DAYS, 1.0),
        0.7 * held,
    )
