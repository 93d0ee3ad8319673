"""Services and regions that the fact sheet has to know."""

import pytest

from costspike.domain.named_things import unknown_names

SHEET = (
    "Amazon Simple Storage Service",
    "EU-Requests-Tier1",
    "us-east-1",
    "Amazon Elastic Compute Cloud - Compute",
)


@pytest.mark.parametrize(
    "text", ["S3 in us-east-1", "Amazon S3 requests", "EC2", "eu-west-1", "A NAT gateway"]
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
    ],
)
def test_what_it_does_not_know_is_named(text: str, unknown: list[str]) -> None:
    assert list(unknown_names(text, SHEET)) == unknown


def test_words_that_only_hold_a_name_are_none() -> None:
    assert list(unknown_names("The configuration of lambdas in sns-like queues, us-east-1a", ())) == []
