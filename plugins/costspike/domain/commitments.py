"""The only names that detection knows: what is paid for by commitment, and what usage that replaces."""

from typing import Final

COMMITMENTS: Final = (
    ("Savings Plans for AWS Compute usage", ("Amazon Elastic Compute Cloud - Compute",)),
    ("Savings Plans for AWS Compute usage", ("AWS Lambda", "Amazon Elastic Container Service")),
    ("Savings Plans for AWS Machine Learning usage", ("Amazon SageMaker", "Amazon SageMaker AI")),
    ("AWS Savings Plans", ("Amazon Elastic Compute Cloud - Compute",)),
)
"""Service names as Cost Explorer writes them. A plan that is bought appears as a cost of the first, and on-demand
usage of the second falls on the same day, in any account of the organisation: Compute Savings Plans cover
EC2, Fargate and Lambda (https://docs.aws.amazon.com/savingsplans/latest/userguide/plan-types.html)."""


def replaced_by(service: str) -> frozenset[str]:
    """Return the services whose on-demand cost a commitment replaces, none for an ordinary service."""
    return frozenset(name for plan, names in COMMITMENTS if plan == service for name in names)


def paid_by(service: str) -> frozenset[str]:
    """Return the commitments that pay for usage of a service, none where there are none."""
    return frozenset(plan for plan, names in COMMITMENTS if service in names)
