"""What is planted in the last three weeks of the demo's bill, and whether it is to be found."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from demo.catalogue import (
    CLOUDWATCH,
    DEV,
    EC2,
    EC2_OTHER,
    IRELAND,
    LAMBDA,
    ML,
    PROD_DATA,
    PROD_WEB,
    STAGING,
    US_EAST,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One planted event on the days ``first_day`` to ``last_day`` (inclusive).

    ``usd_per_day`` comes on top of what the usage type costs anyway; 0 marks a change that costs nothing.
    """

    name: str
    first_day: date
    last_day: date
    account_id: str
    service: str
    usage_type: str
    region: str
    usd_per_day: Decimal
    to_be_found: bool

    def covers(self, day: date) -> bool:
        """Return whether the event is going on on a day."""
        return self.first_day <= day <= self.last_day


# Name, days ago from and to, where, dollars a day, to be found.
_GPU = "GPU instances that nobody switched off"
_MOVE = "web fleet moved from m5 to m7i"
_LOGS = "service that logs its own log lines"
_TEST = "load test of a function, below every floor"
_BACKUPS = "backups through a NAT gateway"
_PLAN = (
    (_GPU, (12, 9), (ML, EC2, "USE1-BoxUsage:g5.12xlarge", US_EAST), "544.512", True),
    (_MOVE, (8, 1), (PROD_WEB, EC2, "EU-BoxUsage:m7i.xlarge", IRELAND), "0", False),
    (_LOGS, (6, 5), (STAGING, CLOUDWATCH, "EU-DataProcessing-Bytes", IRELAND), "96.35", True),
    (_TEST, (4, 4), (DEV, LAMBDA, "USE1-Lambda-GB-Second", US_EAST), "2.15", False),
    (_BACKUPS, (1, 1), (PROD_DATA, EC2_OTHER, "USE1-NatGateway-Bytes", US_EAST), "213.84", True),
)


def planted(today: date) -> tuple[Incident, ...]:
    """Return the demo's events, oldest first, as seen on ``today``."""
    return tuple(
        Incident(
            name=name,
            first_day=today - timedelta(days=first),
            last_day=today - timedelta(days=last),
            account_id=account.id,
            service=service,
            usage_type=usage_type,
            region=region,
            usd_per_day=Decimal(usd),
            to_be_found=found,
        )
        for name, (first, last), (account, service, usage_type, region), usd, found in _PLAN
    )
