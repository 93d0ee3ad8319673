"""Services, regions and resources that a text names, and whether the fact sheet knows them.

A sheet may call a service by Cost Explorer's long name and a text by its short one, so each service has the
words by which either is recognised. A resource may be called anything: what is marked as a name (in backticks,
in quotes where no plain word looks so) or numbered like one ("prod-etl-17") is taken for one.
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

_RESOURCES = (
    re.compile(r"`([^`\s]{2,})`"),
    re.compile(
        r"(?<!\w)[\"'\u2018\u201c](?=[^\s\"'\u2019\u201d]*[\d_:/.@-]\w)([^\s\"'\u2019\u201d]{2,})[\"'\u2019\u201d]"
    ),
    re.compile(r"(?<![\w./:@-])([A-Za-z]\w*(?:(?:-[A-Za-z]\w*)+-\d+|-0\d+))(?![\w-])"),
)
_PLAIN = re.compile(r"[^a-z0-9]")


def unknown_names(text: str, sheet: Iterable[str]) -> Iterator[str]:
    """Yield the services, regions and resources in a text that the texts of the sheet do not have."""
    texts = [one.lower() for one in sheet]
    whole = " \n ".join(texts)
    regions = {region_of(one.upper()) for one in texts} | set(_REGION.findall(whole))
    yield from (name for name in _REGION.findall(text) if name not in regions)
    for name in _SERVICE.findall(text):
        if not any(_is_named(word, whole) for word in _WORDS[name.lower()]):
            yield name
    letters = [_PLAIN.sub("", one) for one in texts]
    for name in dict.fromkeys(found for pattern in _RESOURCES for found in pattern.findall(text)):
        known = _REGION.fullmatch(name) or _SERVICE.fullmatch(name) or not re.search(r"[A-Za-z]", name)
        if not known and not any(_PLAIN.sub("", name.lower()) in one for one in letters):
            yield name


def _is_named(word: str, whole: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", whole) is not None
