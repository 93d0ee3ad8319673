"""What people call the parts of a bill. The names are as AWS gave them: escape them before they are shown."""

from datetime import date

from costspike.domain.grades import Severity
from costspike.domain.spikes import Contributor, Scope
from costspike.rendering.mrkdwn import plain, visible

MARKS: dict[Severity, str] = {"P1": "🔴", "P2": "🟠", "P3": "🟡", "P4": "🔵"}
"""Beside the mark there is always the word: colour is never the only signal."""

ALL_SERVICES = "All services"
ALL_ACCOUNTS = "all accounts"
EVERYTHING_ELSE = "Everything else"

_SEPARATOR = " · "
_ACCOUNT_NAME = 100
# Not strftime: its month names follow the locale of the worker.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def scope_name(scope: Scope) -> str:
    """Return the service, with its usage type and region where the scope is that fine."""
    return _SEPARATOR.join(filter(None, (scope.service or ALL_SERVICES, scope.usage_type, scope.region)))


def account_label(name: str, account_id: str, limit: int = _ACCOUNT_NAME) -> str:
    """Return name and number, the number alone where there is no other name, or ``all accounts``.

    The name is cut to ``limit`` characters, so that the number stays readable.
    """
    if not account_id:
        return ALL_ACCOUNTS
    seen = visible(name)
    return f"{plain(seen, limit)} ({account_id})" if seen and seen != account_id else account_id


def contributor_name(contributor: Contributor, scope: Scope) -> str:
    """Return what tells the contributor from the scope; the scope's own name where nothing does."""
    if is_remainder(contributor):
        return EVERYTHING_ELSE
    named = (
        (contributor.service, scope.service),
        (contributor.usage_type, scope.usage_type),
        (contributor.region, scope.region),
        (contributor.account_id, scope.account_id),
    )
    return _SEPARATOR.join(own for own, known in named if own and own != known) or scope_name(scope)


def fallen_name(part: Contributor, scope: Scope) -> str:
    """Return the names of something beside the scope; the account only where it is another."""
    account = part.account_id if part.account_id != scope.account_id else ""
    return _SEPARATOR.join(filter(None, (part.service, part.usage_type, part.region, account)))


def is_remainder(contributor: Contributor) -> bool:
    """Return whether the contributor stands for everything that is not listed."""
    return not (contributor.service or contributor.usage_type or contributor.region or contributor.account_id)


def short_day(day: date) -> str:
    """Return the day as ``Nov 20``."""
    return f"{_MONTHS[day.month - 1]} {day.day:02}"
