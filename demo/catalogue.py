"""Who runs what in the made-up organisation: accounts, services and usage types with their prices."""

from typing import NamedTuple

EC2 = "Amazon Elastic Compute Cloud - Compute"
EC2_OTHER = "EC2 - Other"
RDS = "Amazon Relational Database Service"
S3 = "Amazon Simple Storage Service"
CLOUDWATCH = "AmazonCloudWatch"
LAMBDA = "AWS Lambda"

US_EAST = "us-east-1"
US_WEST = "us-west-2"
IRELAND = "eu-west-1"
GLOBAL = "global"
PREFIXES = {US_EAST: "USE1-", US_WEST: "USW2-", IRELAND: "EU-", GLOBAL: ""}

WORKING = (1.0, 1.02, 1.03, 1.02, 0.98, 0.62, 0.58)
OFFICE = (1.0, 1.05, 1.06, 1.04, 0.95, 0.22, 0.18)
TRAFFIC = (1.0, 1.01, 1.02, 1.02, 1.03, 0.9, 0.88)


class Account(NamedTuple):
    """An account: its share of each kind of work, its regions with their shares, its week (Monday first)."""

    id: str
    name: str
    work: dict[str, float]
    regions: dict[str, float]
    week: tuple[float, ...]


class Item(NamedTuple):
    """A usage type: what one unit costs, what it costs a day at size 1, how closely it follows the week."""

    kind: str
    service: str
    usage_type: str
    unit: str
    price: float
    usd: float
    pull: float


MANAGEMENT = Account("111111111111", "management", {"base": 0.2}, {US_EAST: 1.0}, TRAFFIC)
PROD_WEB = Account(
    "222222222222",
    "prod-web",
    {"base": 1.0, "web": 1.0, "edge": 1.0},
    {US_EAST: 0.65, IRELAND: 0.35},
    TRAFFIC,
)
PROD_DATA = Account("333333333333", "prod-data", {"base": 0.8, "data": 1.0}, {US_EAST: 1.0}, WORKING)
STAGING = Account("444444444444", "staging", {"base": 0.4, "web": 0.25, "data": 0.15}, {IRELAND: 1.0}, OFFICE)
DEV = Account("555555555555", "dev", {"base": 0.3, "web": 0.12}, {US_EAST: 0.7, US_WEST: 0.3}, OFFICE)
ML = Account("666666666666", "ml-research", {"base": 0.3, "ml": 1.0}, {US_EAST: 0.7, US_WEST: 0.3}, WORKING)
ACCOUNTS = (MANAGEMENT, PROD_WEB, PROD_DATA, STAGING, DEV, ML)

ITEMS = (
    Item("base", EC2, "BoxUsage:t4g.medium", "Hrs", 0.0336, 14, 0.3),
    Item("base", EC2_OTHER, "EBS:VolumeUsage.gp3", "GB-Mo", 0.08, 24, 0.0),
    Item("base", EC2_OTHER, "EBS:SnapshotUsage", "GB-Mo", 0.05, 9, 0.0),
    Item("base", EC2_OTHER, "NatGateway-Hours", "Hrs", 0.045, 6.5, 0.0),
    Item("base", EC2_OTHER, "NatGateway-Bytes", "GB", 0.045, 18, 0.8),
    Item("base", EC2_OTHER, "DataTransfer-Regional-Bytes", "GB", 0.01, 7, 0.8),
    Item("base", S3, "TimedStorage-ByteHrs", "GB-Mo", 0.023, 26, 0.0),
    Item("base", S3, "Requests-Tier1", "Requests", 0.000005, 5, 0.7),
    Item("base", S3, "Requests-Tier2", "Requests", 0.0000004, 2.2, 0.7),
    Item("base", CLOUDWATCH, "DataProcessing-Bytes", "GB", 0.5, 15, 0.6),
    Item("base", CLOUDWATCH, "TimedStorage-ByteHrs", "GB-Mo", 0.03, 3.5, 0.0),
    Item("base", CLOUDWATCH, "CW:MetricMonitorUsage", "Metrics", 0.3, 8, 0.1),
    Item("base", LAMBDA, "Lambda-GB-Second", "Lambda-GB-Second", 0.0000166667, 11, 0.7),
    Item("base", LAMBDA, "Request", "Requests", 0.0000002, 1.4, 0.7),
    Item("base", "AWS Key Management Service", "KMS-Requests", "Requests", 0.000003, 1.6, 0.6),
    Item("base", "Amazon Virtual Private Cloud", "PublicIPv4:InUseAddress", "Hrs", 0.005, 5, 0.1),
    Item("base", "Amazon Virtual Private Cloud", "VpcEndpoint-Hours", "Hrs", 0.01, 4, 0.0),
    Item("web", EC2, "BoxUsage:m5.xlarge", "Hrs", 0.192, 210, 0.5),
    Item("web", EC2, "BoxUsage:c7g.2xlarge", "Hrs", 0.29, 170, 0.7),
    Item("web", RDS, "Multi-AZUsage:db.m6g.xl", "Hrs", 0.636, 92, 0.1),
    Item("web", RDS, "RDS:GP3-Storage", "GB-Mo", 0.115, 17, 0.0),
    Item("web", "Amazon DynamoDB", "ReadRequestUnits", "ReadRequestUnits", 0.000000125, 31, 0.9),
    Item("web", "Amazon DynamoDB", "WriteRequestUnits", "WriteRequestUnits", 0.000000625, 27, 0.9),
    Item("web", "Amazon Elastic Load Balancing", "LoadBalancerUsage", "Hrs", 0.0225, 9, 0.0),
    Item("web", "Amazon Elastic Load Balancing", "LCUUsage", "LCU-Hrs", 0.008, 14, 0.9),
    Item(
        "web",
        "Amazon Elastic Container Service for Kubernetes",
        "AmazonEKS-Hours:perCluster",
        "Hrs",
        0.1,
        7.2,
        0.0,
    ),
    Item("web", "Amazon ElastiCache", "NodeUsage:cache.r6g.large", "Hrs", 0.206, 29, 0.0),
    Item("edge", "Amazon CloudFront", "US-DataTransfer-Out-Bytes", "GB", 0.085, 78, 1.0),
    Item("edge", "Amazon CloudFront", "EU-DataTransfer-Out-Bytes", "GB", 0.085, 41, 1.0),
    Item("edge", "Amazon CloudFront", "US-Requests-Tier2-HTTPS", "Requests", 0.000001, 12, 1.0),
    Item("edge", "Amazon Route 53", "DNS-Queries", "Queries", 0.0000004, 4, 0.9),
    Item("data", EC2, "BoxUsage:r6i.2xlarge", "Hrs", 0.504, 145, 0.4),
    Item("data", "Amazon Redshift", "Node:ra3.xlplus", "Node-Hrs", 1.086, 156, 0.0),
    Item("data", "AWS Glue", "ETL-DPU-Hour", "DPU-Hour", 0.44, 52, 0.9),
    Item("data", "Amazon Kinesis", "Storage-ShardHour", "ShardHour", 0.015, 18, 0.0),
    Item("data", "Amazon Athena", "DataScannedInTB", "Terabytes", 5.0, 16, 0.9),
    Item("data", S3, "TimedStorage-SIA-ByteHrs", "GB-Mo", 0.0125, 61, 0.0),
    Item("ml", EC2, "BoxUsage:g5.xlarge", "Hrs", 1.006, 96, 0.7),
    Item("ml", "Amazon SageMaker", "Host:ml.g5.xlarge", "Hrs", 1.408, 67, 0.0),
    Item("ml", "Amazon SageMaker", "Studio:KernelGateway-ml.t3.medium", "Hrs", 0.05, 4, 0.9),
    Item("ml", "Amazon Elastic File System", "TimedStorage-ByteHrs", "GB-Mo", 0.3, 13, 0.0),
)
