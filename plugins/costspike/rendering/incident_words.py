"""How an incident stands, in words: every number in them is one of the notice's."""

from costspike.domain.incident_changes import NotifyReason
from costspike.domain.incident_records import State
from costspike.domain.notices import Notice
from costspike.rendering.amounts import cents_total, money
from costspike.rendering.mrkdwn import plain
from costspike.rendering.names import MARKS, account_label, scope_name

STATE_MARKS = {
    State.OPEN: ("🆕", "Open"),
    State.ONGOING: ("📈", "Ongoing"),
    State.RESOLVED: ("✅", "Resolved"),
    State.SETTLED: ("🏁", "Settled"),
    State.CORRECTED: ("✏️", "Withdrawn"),
}
"""Beside the mark there is always the word: colour is never the only signal."""

_NAME = 60
_ACCOUNT = 40


def state_words(notice: Notice) -> tuple[str, str]:
    """Return mark and word of how the incident stands; of one that only shrank, that it was corrected."""
    if notice.reason is NotifyReason.CORRECTED and notice.state in {State.OPEN, State.ONGOING}:
        return "✏️", "Corrected"
    return STATE_MARKS[notice.state]


def headline(notice: Notice, account_name: str) -> str:
    """Return the news in a few plain words, with the incident's name."""
    name = plain(scope_name(notice.scope), _NAME)
    account = account_label(account_name, notice.scope.account_id, _ACCOUNT)
    return f"{_news(notice)}: {name} · {account}"


def sentence(notice: Notice) -> str:
    """Return the news in one plain sentence."""
    currency = notice.billing_currency
    now, before = money(notice.impact, currency, sign=True), money(notice.old_impact, currency, sign=True)
    match notice.reason:
        case NotifyReason.RESOLVED:
            return (
                f"The cost is back at what was expected. It was above it for {_when(notice)}, {now} in all."
            )
        case NotifyReason.SETTLED:
            return (
                f"The cost stayed up, and counts as normal from now on. "
                f"It was above what was expected for {_when(notice)}, {now} in all."
            )
        case NotifyReason.CORRECTED if notice.state is State.CORRECTED:
            return f"{_why_corrected(notice)} No day is a spike any more: {before} was told, {now} is left."
        case NotifyReason.CORRECTED:
            return f"{_why_corrected(notice)} It is {now} in all instead of {before}, for {_when(notice)}."
        case NotifyReason.SEVERITY_ROSE:
            why = f"The severity rose from {notice.old_severity} to {notice.severity}: "
        case NotifyReason.REOPENED:
            why = "The days were judged again, and it stands after all: "
        case _:
            why = ""
    return f"{why}{now} in all for {_when(notice)}, {before} when it was told last."


def status_line(notice: Notice) -> str:
    """Return how the incident stands as of its newest message, in one plain line."""
    if notice.state is State.CORRECTED:
        return (
            f"no day is a spike any more ({money(notice.impact, notice.billing_currency, sign=True)} is left)"
        )
    return f"{_when(notice)}, {money(notice.impact, notice.billing_currency, sign=True)} in all"


def _news(notice: Notice) -> str:
    mark, word = state_words(notice)
    if notice.reason is NotifyReason.SEVERITY_ROSE:
        return f"{MARKS[notice.severity]} Now {notice.severity}, was {notice.old_severity}"
    if notice.reason is NotifyReason.GREW:
        return f"📈 Grew to {money(notice.impact, notice.billing_currency, sign=True)}"
    again = " again" if notice.reason is NotifyReason.REOPENED else ""
    return f"{mark} {word}{again}"


def _why_corrected(notice: Notice) -> str:
    """Return what changed: the bill, or what was concluded from it."""
    if not notice.restated:
        return "The days were judged again."
    old = cents_total(told for _, told, _ in notice.restated)
    new = cents_total(holds for _, _, holds in notice.restated)
    first, last = notice.restated[0][0], notice.restated[-1][0]
    days = f"{first}" if first == last else f"{len(notice.restated)} days from {first} to {last}"
    return f"AWS restated {days}: {money(old, notice.billing_currency)} became {money(new, notice.billing_currency)}."


def _when(notice: Notice) -> str:
    days = f"{notice.raised_days} day" if notice.raised_days == 1 else f"{notice.raised_days} days"
    if notice.first_day == notice.last_day:
        return f"{days}, {notice.first_day}"
    return f"{days}, {notice.first_day} to {notice.last_day}"
