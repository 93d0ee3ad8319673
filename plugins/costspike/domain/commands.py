"""Which AWS CLI commands of a model may be shown to a person who might paste them into a shell.

Only commands that read, that print no secret, and that a shell takes literally: an allow list of
verbs and characters first, then a deny list for the reads that hand out secrets or object contents.
"""

import re
import shlex

MAX_COMMAND_CHARACTERS = 400

_READ_OPERATION = re.compile(r"(?:describe|list|get|batch-get|lookup|filter|head|estimate)-[a-z0-9-]+")
_OTHER_READS = frozenset({("s3", "ls"), ("resource-explorer-2", "search")})
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_OPTION = re.compile(r"--[a-z0-9-]+(?:=.*)?", re.DOTALL)

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
# Inside quotes a few characters stay special to a shell or to Slack; outside nearly all of them are.
_INSIDE_QUOTES = re.compile(r"[ -~]*")
_SPECIAL_INSIDE = re.compile(r"[;&|`$<>\\!]")
_OUTSIDE_QUOTES = re.compile(r"[A-Za-z0-9 _.,:/=@+\[\]-]*")
_FETCHES = re.compile(r"(?i)\bfileb?:|(?<!\bs3)://")

# The CLI's parser takes any unambiguous beginning of a global option, so beginnings are refused as well.
_DENIED_OPTIONS = (
    "--endpoint-url",
    "--profile",
    "--no-verify-ssl",
    "--ca-bundle",
    "--no-sign-request",
    "--cli-input-json",
    "--cli-input-yaml",
    "--cli-auto-prompt",
    "--debug",
    "--with-decryption",
    "--include-value",
    "--include-values",
    "--outfile",
)
# `aws configure get aws_secret_access_key` starts like a read; these services answer with credentials.
_DENIED_SERVICES = frozenset({"cognito-identity", "configure", "lakeformation", "sso", "sso-oidc"})
_SECRET_OPERATION = re.compile(
    r"secret-value|password|credential|token|api-keys?|access-details|embed-url|presigned|private-key"
)
_DENIED_OPERATIONS = frozenset(
    {
        ("apigateway", "get-export"),
        ("apigateway", "get-sdk"),
        ("athena", "get-query-results"),
        ("autoscaling", "describe-launch-configurations"),
        ("batch", "describe-job-definitions"),
        ("cloudformation", "get-template"),
        ("codebuild", "batch-get-projects"),
        ("codecommit", "get-blob"),
        ("codecommit", "get-file"),
        ("dms", "describe-endpoints"),
        ("dynamodb", "batch-get-item"),
        ("dynamodb", "get-item"),
        ("ec2", "describe-instance-attribute"),
        ("ec2", "describe-launch-template-versions"),
        ("ec2", "get-console-output"),
        ("ec2", "get-console-screenshot"),
        ("ec2", "get-launch-template-data"),
        ("ecs", "describe-task-definition"),
        ("elasticbeanstalk", "describe-configuration-settings"),
        ("gamelift", "get-instance-access"),
        ("glacier", "get-job-output"),
        ("glue", "get-connection"),
        ("glue", "get-connections"),
        ("kinesis", "get-records"),
        ("kinesis", "get-shard-iterator"),
        ("kms", "get-parameters-for-import"),
        ("lambda", "get-function"),
        ("lambda", "get-function-configuration"),
        ("lambda", "get-layer-version"),
        ("lambda", "list-functions"),
        ("logs", "filter-log-events"),
        ("logs", "get-log-events"),
        ("logs", "get-log-record"),
        ("logs", "get-query-results"),
        ("s3api", "get-object"),
        ("s3api", "get-object-torrent"),
        ("s3control", "get-data-access"),
        ("ssm", "get-command-invocation"),
        ("ssm", "get-parameter"),
        ("ssm", "get-parameter-history"),
        ("ssm", "get-parameters"),
        ("ssm", "get-parameters-by-path"),
        ("ssm", "list-command-invocations"),
    }
)


def command_problem(command: str) -> str | None:
    """Return why a command must not be shown, None for one that only reads and prints no secret."""
    if len(command) > MAX_COMMAND_CHARACTERS:
        return f"longer than {MAX_COMMAND_CHARACTERS} characters"
    if _has_special_characters(command):
        return "characters that a shell does not take literally"
    if _FETCHES.search(command):
        return "reads a file or an address"
    program, service, operation, *options = [*shlex.split(command), "", "", ""]
    if program != "aws" or not _NAME.fullmatch(service) or not _NAME.fullmatch(operation):
        return "not of the form: aws <service> <operation>"
    return _operation_problem(service, operation) or _option_problem(options)


def _has_special_characters(command: str) -> bool:
    quoted = _QUOTED.findall(command)
    outside = _QUOTED.sub("", command)
    return (
        _OUTSIDE_QUOTES.fullmatch(outside) is None
        or any(_INSIDE_QUOTES.fullmatch(part) is None for part in quoted)
        or any(_SPECIAL_INSIDE.search(part) for part in quoted)
    )


def _operation_problem(service: str, operation: str) -> str | None:
    if (service, operation) not in _OTHER_READS and not _READ_OPERATION.fullmatch(operation):
        return "does more than read"
    if (
        service in _DENIED_SERVICES
        or (service, operation) in _DENIED_OPERATIONS
        or _SECRET_OPERATION.search(operation)
    ):
        return "prints secrets, credentials or contents"
    return None


def _option_problem(words: list[str]) -> str | None:
    for word in words:
        if not word.startswith("-"):
            continue
        name = word.partition("=")[0]
        if not _OPTION.fullmatch(word):
            return "an option that cannot be read"
        if any(denied.startswith(name) for denied in _DENIED_OPTIONS):
            return f"the option {name}"
    return None
