"""What evidence is looked for outside the warehouse, and what that may take."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from costspike.domain.sections import Section

Dimension = Literal["usage_type", "region", "operation", "account"]
_Key = Annotated[str, Field(min_length=1, max_length=128)]


class EvidenceSettings(Section):
    """Where an explanation may look outside the warehouse, and what that may take."""

    drill_down: tuple[Dimension, ...] = Field(
        default=("usage_type", "region", "operation"),
        description="What Cost Explorer is asked about a spike where it is not landed; [] asks nothing.",
    )
    tags: tuple[_Key, ...] = Field(
        default=(),
        max_length=5,
        description="Cost allocation tags that a spike is split by, one request each.",
    )
    cost_categories: tuple[_Key, ...] = Field(
        default=(), max_length=5, description="Cost categories that a spike is split by, one request each."
    )
    max_requests: int = Field(
        default=4, ge=0, le=20, description="Requests to Cost Explorer for one spike's evidence, at most."
    )
    daily_budget_usd: Decimal = Field(
        default=Decimal("0.30"), ge=0, description="Dollars a UTC day for evidence from Cost Explorer."
    )
    aws_anomalies: bool = Field(
        default=False, description="Ask AWS Cost Anomaly Detection for its opinion (ce:GetAnomalies)."
    )
    cloudtrail: bool = Field(
        default=True, description="Look up who changed what around the onset (cloudtrail:LookupEvents)."
    )
    cloudtrail_role: str = Field(
        default="",
        # Not \w{0,128}: to compile it takes 40 ms with every parsing of the DAG.
        pattern=r"^[A-Za-z0-9_+=,.@/-]*$",
        max_length=128,
        description="Role in each account that is assumed to read its CloudTrail; empty: only the own account's.",
    )
    cloudtrail_requests: int = Field(
        default=12, ge=0, le=60, description="Requests to CloudTrail for one spike; two a second."
    )
    timeout_seconds: float = Field(default=20, gt=0, le=120, description="Seconds to wait for one answer.")
    max_seconds: float = Field(
        default=90, ge=0, le=900, description="No source is begun later than this after the first."
    )
