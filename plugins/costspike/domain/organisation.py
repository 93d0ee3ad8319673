"""What the payer of the bill says about themselves."""

from typing import Annotated

from pydantic import Field

from costspike.domain.sections import Section

_AccountId = Annotated[str, Field(pattern=r"^\d{12}$")]
_Tag = Annotated[str, Field(min_length=1, max_length=256)]


class OrganisationSettings(Section):
    """What Claude should know about the payer of the bill, in the words of the people who run it."""

    description: str = Field(
        default="",
        max_length=1000,
        description="What the organisation does and what its spend follows: 'A shop; batch jobs on Mondays.'",
    )
    environments: dict[_AccountId, Annotated[str, Field(max_length=100)]] = Field(
        default_factory=dict,
        description="What each account is for, by its id in quotes, e.g. '123456789012': production.",
    )
    account_tags: dict[_AccountId, dict[_Tag, _Tag]] = Field(
        default_factory=dict,
        description="Tags of accounts, for alerts.routes, by the id in quotes: '123456789012': {team: web}.",
    )
