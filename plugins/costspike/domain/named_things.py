"""Services and regions that a text names, and whether the fact sheet knows them.

A sheet may call a service by Cost Explorer's long name and a text by its short one, so each service has the
words by which either is recognised.
"""

import re
from collections.abc import Iterable, Iterator

from costspike.domain.regions import region_of

_REGION = re.compile(
    r"(?<![\w-])(?:us|eu|ap|ca|sa|me|af|il|mx|cn|us-gov|us-iso|eusc-de)-"
    r"(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d(?![\w-])"
)
# What a text says | what a sheet says for it, in lower case; the first alone is enough on the sheet, too.
_SERVICES = (
    "ec2|elastic compute cloud",
    "s3|simple storage service",
    "rds|relational database",
    "aurora|relational database|rds",
    "lambda",
    "dynamodb",
    "redshift",
    "sagemaker",
    "bedrock",
    "cloudfront",
    "cloudwatch",
    "kinesis",
    "athena",
    "emr|elastic mapreduce|elasticmapreduce",
    "eks|kubernetes",
    "ecs|elastic container service",
    "ecr|container registry",
    "fargate",
    "elasticache",
    "opensearch|elasticsearch",
    "msk|managed streaming",
    "sqs|simple queue",
    "sns|simple notification",
    "efs|elastic file system",
    "fsx",
    "kms|key management",
    "secrets manager",
    "guardduty",
    "macie",
    "route 53",
    "global accelerator",
    "direct connect",
    "neptune",
    "documentdb",
    "quicksight",
    "workspaces",
    "lightsail",
    "step functions",
    "api gateway",
    "appsync",
    "cognito",
    "rekognition",
    "textract",
    "comprehend",
    "transcribe",
    "aws glue|glue",
    "aws config|config",
    "aws backup|backup",
    "aws waf|waf",
    "marketplace",
    "timestream",
    "memorydb",
)
_WORDS = {names.split("|")[0]: tuple(names.split("|")) for names in _SERVICES}
_SERVICE = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, _WORDS))})(?![\w-])", re.IGNORECASE)


def unknown_names(text: str, sheet: Iterable[str]) -> Iterator[str]:
    """Yield the services and regions in a text that the texts of the sheet do not have."""
    texts = [one.lower() for one in sheet]
    whole = " \n ".join(texts)
    regions = {region_of(one.upper()) for one in texts} | set(_REGION.findall(whole))
    yield from (name for name in _REGION.findall(text) if name not in regions)
    for name in _SERVICE.findall(text):
        if not any(_is_named(word, whole) for word in _WORDS[name.lower()]):
            yield name


def _is_named(word: str, whole: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", whole) is not None
