"""What happens on the way besides the planted incidents: a correction of the bill, two mishaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from demo.catalogue import ACCOUNTS, CLOUDWATCH, STAGING

if TYPE_CHECKING:
    from demo.incidents import Incident

RESTATED_SERVICE = CLOUDWATCH
RESTATED_ACCOUNT = STAGING.id
RESTATED_BY = Decimal("1.08")
SEEN_AFTER = timedelta(days=3)
NAMES = {account.id: account.name for account in ACCOUNTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """On which cost days what happens; None where nothing of the kind does.

    ``restated_day`` is corrected just before the run for ``restated_before``; ``lost_answer_on`` loses
    Slack's answer to a message that it took; ``overloaded_on`` has Claude refuse the first question.
    """

    restated_day: date | None = None
    restated_before: date | None = None
    lost_answer_on: date | None = None
    overloaded_on: date | None = None


def story_of(incidents: Sequence[Incident], days: Sequence[date]) -> Story:
    """Return the story for the days that are going to be judged.

    The corrected day is that of the incident in the restated service, which is judged again then. Without
    it, it is the first judged day, where the correction is too small to be a spike.
    """
    to_find = [i.first_day for i in incidents if i.to_be_found and i.first_day in days]
    restated = next(
        (i.first_day for i in incidents if i.service == RESTATED_SERVICE and i.first_day in days), days[0]
    )
    later = [day for day in days if restated < day <= restated + SEEN_AFTER]
    return Story(
        restated_day=restated if later else None,
        restated_before=later[-1] if later else None,
        lost_answer_on=to_find[0] if to_find else None,
        overloaded_on=to_find[1] if len(to_find) > 1 else (to_find[0] if to_find else None),
    )
