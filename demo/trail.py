"""What CloudTrail knows about the planted incidents: who did what, shortly before the cost rose."""

from collections.abc import Iterable
from datetime import UTC, datetime, time

from demo.incidents import Incident
from demo.servers.aws import TrailEvent

ROLE = "costspike-read"

# By the usage type of the incident: event, user, hour of its first day, resource.
_EVENTS = {
    "USE1-NatGateway-Bytes": (
        ("ReplaceRoute", "terraform-network", 1, ("AWS::EC2::RouteTable", "rtb-0f3a9c2d71b8e4c65")),
        ("CreateNatGateway", "terraform-network", 1, ("AWS::EC2::NatGateway", "nat-0b7d1e92c45fa8136")),
    ),
    "USE1-BoxUsage:g5.12xlarge": (
        ("RunInstances", "training-notebook", 7, ("AWS::EC2::Instance", "i-0a4be81c9d27f3056")),
    ),
    "EU-DataProcessing-Bytes": (
        ("PutSubscriptionFilter", "deploy-staging", 15, ("AWS::Logs::LogGroup", "/ecs/log-router")),
    ),
}


def trail_events(incidents: Iterable[Incident]) -> list[TrailEvent]:
    """Return the events before the incidents that are to be found."""
    return [
        TrailEvent(
            name=name,
            at=datetime.combine(incident.first_day, time(hour), UTC),
            account_id=incident.account_id,
            region=incident.region,
            user=user,
            resources=(resource,),
        )
        for incident in incidents
        for name, user, hour, resource in _EVENTS.get(incident.usage_type, ())
    ]


def roles_of(events: Iterable[TrailEvent]) -> set[str]:
    """Return the role in each account that has events, as the demo's settings name it."""
    return {f"arn:aws:iam::{event.account_id}:role/{ROLE}" for event in events}
