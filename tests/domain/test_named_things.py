"""Services, regions and resources that the fact sheet has to know."""

import pytest

from costspike.domain.named_things import unknown_names

SHEET = (
    "Amazon Simple Storage Service",
    "EU-Requests-Tier1",
    "us-east-1",
    "Amazon Elastic Compute Cloud - Compute",
    "training-notebook",
    "arn:aws:iam::111111111111:role/prod-etl-17",
)


@pytest.mark.parametrize(
    "text",
    [
        "S3 in us-east-1",
        "Amazon S3 requests",
        "EC2",
        "eu-west-1",
        "A NAT gateway",
        "`training-notebook` and 'EU-Requests-Tier1', by prod-etl-17 in `eu-west-1` on `EC2`",
        "Monday's job, a \"burst\", the 'normal' level, day-over-day, the top-3, `$120.00`, gp2-to-gp3",
    ],
)
def test_what_the_sheet_knows_by_any_name_passes(text: str) -> None:
    assert list(unknown_names(text, SHEET)) == []


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("SageMaker trained a model", ["SageMaker"]),
        ("S3 in ap-southeast-2", ["ap-southeast-2"]),
        ("Lambda and DynamoDB", ["Lambda", "DynamoDB"]),
        ("AWS Config records everything", ["AWS Config"]),
        ("Started by `nightly`", ["nightly"]),
        ("The bucket 'logs-archive/2026' and \u201cteam_bucket\u201d", ["logs-archive/2026", "team_bucket"]),
        ("Instances web-blue-3 and cache-01 were added", ["web-blue-3", "cache-01"]),
    ],
)
def test_what_it_does_not_know_is_named(text: str, unknown: list[str]) -> None:
    assert list(unknown_names(text, SHEET)) == unknown


def test_words_that_only_hold_a_name_are_none() -> None:
    assert list(unknown_names("The configuration of lambdas in sns-like queues, us-east-1a", ())) == []
