"""What the payer of the bill says about themselves."""

from typing import Annotated

from pydantic import Field

from costspike.domain.sections import Section


class OrganisationSettings(Section):
    """What Claude should know about the payer of the bill, in the words of the people who run it."""

    description: str = Field(
        default="",
        max_length=1000,
        description="What the organisation does and what its spend follows: 'A shop; batch jobs on Mondays.'",
    )
    environments: dict[Annotated[str, Field(pattern=r"^\d{12}$")], Annotated[str, Field(max_length=100)]] = (
        Field(
            default_factory=dict,
            description="What each account is for, by its id in quotes, e.g. '123456789012': production.",
        )
    )
