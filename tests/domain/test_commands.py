"""Which commands may be shown."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costspike.domain.commands import command_problem

ALLOWED = [
    "aws ec2 describe-nat-gateways --region us-east-1",
    "aws ec2 describe-instances --filters 'Name=tag:Name,Values=web-*'",
    "aws ec2 describe-volumes --query 'Volumes[].[VolumeId,Size]' --output table",
    "aws ce get-cost-and-usage --time-period Start=2026-11-13,End=2026-11-21",
    "aws cloudtrail lookup-events --max-results 20 --end-time 2026-11-21T00:00:00Z",
    "aws cloudwatch get-metric-statistics --namespace AWS/NATGateway --period 3600",
    "aws logs describe-log-groups",
    "aws s3 ls s3://bucket/prefix/ --recursive --summarize",
    "aws s3api list-buckets",
    "aws s3api head-bucket --bucket logs",
    "aws secretsmanager list-secrets",
    "aws kms list-keys",
    "aws resource-explorer-2 search --query-string region:us-east-1",
    "aws iam list-access-keys --user-name ci",
    "aws sts get-caller-identity",
]
DENIED = {
    "writes": [
        "aws ec2 terminate-instances --instance-ids i-0abc",
        "aws ec2 delete-nat-gateway --nat-gateway-id nat-1",
        "aws s3 rm s3://bucket --recursive",
        "aws s3 cp s3://bucket/key .",
        "aws iam create-access-key --user-name x",
        "aws lambda invoke --function-name x out",
        "aws logs start-query --log-group-name x",
        "aws describe-instances",
        "aws ec2",
        "aws",
        "",
        "rm -rf /",
        "sudo aws ec2 describe-instances",
        "AWS_PROFILE=x aws ec2 describe-instances",
        "aws --region us-east-1 ec2 describe-instances",
    ],
    "shell": [
        "aws ec2 describe-instances; rm -rf /",
        "aws ec2 describe-instances && reboot",
        "aws ec2 describe-instances | sh",
        "aws ec2 describe-instances > /etc/passwd",
        "aws ec2 describe-instances $(reboot)",
        "aws ec2 describe-instances `reboot`",
        'aws ec2 describe-instances --filters "$(reboot)"',
        "aws ec2 describe-instances\nreboot",
        "aws ec2 describe-instances --filters 'a\nb'",
        "aws ec2 describe-instances \\",
        "aws ec2 describe-instances --{endpoint-url,x}",
        "aws ec2 describe-instances ~/x",
        "aws ec2 describe-instances 'open",
        "aws ec2 describe-instances --filters '<!channel>'",
        "aws ec2 describe-instances \u202e--filters x",
        "aws ec2 describe-instances --filters '\u200b'",
        "aws ec2 dеscribe-instances",  # noqa: RUF001 - a Cyrillic letter, on purpose
    ],
    "elsewhere": [
        "aws ec2 describe-instances --endpoint-url https://evil.example",
        "aws ec2 describe-instances --endpoint-url=evil.example",
        "aws ec2 describe-instances --endpoint evil.example",
        "aws ec2 describe-instances --endpo'int-url' evil.example",
        "aws ec2 describe-instances --profile admin",
        "aws ec2 describe-instances --prof admin",
        "aws ec2 describe-instances --no-verify-ssl",
        "aws ec2 describe-instances --cli-input-json file://x",
        "aws ec2 describe-instances --filters file:///etc/passwd",
        "aws ec2 describe-instances --filters FILEB://x",
        "aws ec2 describe-instances --debug",
        "aws ec2 describe-instances --[e]ndpoint-url x",
        "aws ec2 describe-instances -x",
    ],
    "secrets": [
        "aws secretsmanager get-secret-value --secret-id x",
        "aws secretsmanager batch-get-secret-value --secret-id-list x",
        "aws ssm get-parameter --name x",
        "aws ssm get-parameters-by-path --path x",
        "aws ssm describe-parameters --with-decryption",
        "aws sts get-session-token",
        "aws sts get-federation-token --name x",
        "aws ecr get-login-password",
        "aws ecr get-authorization-token",
        "aws eks get-token --cluster-name x",
        "aws configure get aws_secret_access_key",
        "aws configure list-profiles",
        "aws ec2 get-password-data --instance-id i-1",
        "aws ec2 describe-instance-attribute --attribute userData --instance-id i-1",
        "aws lambda get-function --function-name x",
        "aws lambda get-function-configuration --function-name x",
        "aws redshift get-cluster-credentials --db-user x",
        "aws iam get-credential-report",
        "aws apigateway get-api-keys --include-values",
        "aws sso get-role-credentials --role-name x",
        "aws s3api get-object --bucket b --key k out",
        "aws dynamodb get-item --table-name t",
        "aws logs get-log-events --log-group-name x",
    ],
}


@pytest.mark.parametrize("command", ALLOWED)
def test_reading_command_is_shown(command: str) -> None:
    assert command_problem(command) is None


@pytest.mark.parametrize(
    "command", [pytest.param(one, id=f"{why}-{one}") for why, all_ in DENIED.items() for one in all_]
)
def test_other_command_is_not_shown(command: str) -> None:
    assert command_problem(command) is not None


def test_too_long_command_is_not_shown() -> None:
    assert (
        command_problem("aws ec2 describe-instances --filters " + "x" * 400) == "longer than 400 characters"
    )


@given(st.text(max_size=60))
def test_shell_and_python_agree_on_the_words_of_whatever_passes(tail: str) -> None:
    command = f"aws ec2 describe-instances {tail}"
    if command_problem(command) is None:
        assert shlex.split(command)[:3] == ["aws", "ec2", "describe-instances"]
        assert not set(tail) & set(";&|`$<>\\!\n\r")
        assert tail.isascii()
