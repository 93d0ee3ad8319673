"""What a back-test says, as the texts that its page and its plain table share."""

from collections.abc import Mapping, Sequence

from costspike.domain.backtest import BackTest, Outcome
from costspike.domain.incidents import Incident, State
from costspike.domain.money import tenths
from costspike.rendering.amounts import number, whole_money
from costspike.rendering.mrkdwn import plain
from costspike.rendering.names import account_label, scope_name

OUTCOME_HEADINGS = (
    "Sensitivity",
    "Alerts a month",
    "Incidents",
    "Most in a month",
    "Cost when alerted",
    "A day later",
    "A week later",
    "In all",
)
INCIDENT_HEADINGS = ("No.", "What", "Account", "First day", "Last day", "State", "First day's cost", "In all")

STATES: Mapping[State, str] = {
    State.OPEN: "new",
    State.ONGOING: "ongoing",
    State.RESOLVED: "over",
    State.SETTLED: "new normal",
    State.CORRECTED: "corrected",
}
_WEEK = 7
_LONGEST_NAME = 80


def outcome_cells(test: BackTest, outcome: Outcome) -> tuple[str, ...]:
    """Return one line of the table of settings side by side."""
    currency = test.billing_currency
    return (
        number(outcome.detection.sensitivity),
        f"{tenths(outcome.alerts_a_month)}",
        f"{len(outcome.incidents):,}",
        f"{outcome.most_alerts_in_a_month:,}",
        whole_money(outcome.impact_by(0), currency),
        whole_money(outcome.impact_by(1), currency),
        whole_money(outcome.impact_by(_WEEK), currency),
        whole_money(outcome.impact, currency),
    )


def incident_cells(rank: int, incident: Incident, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return one line of the list of incidents; names are as they came, so escape them."""
    scope, currency = incident.leading_scope, incident.billing_currency
    return (
        f"{rank}",
        plain(scope_name(scope), _LONGEST_NAME),
        plain(account_label(names.get(scope.account_id, ""), scope.account_id), _LONGEST_NAME),
        f"{incident.first_day}",
        f"{incident.last_day}",
        STATES[incident.state],
        whole_money(incident.impact_by(incident.first_day), currency, sign=True),
        whole_money(incident.impact, currency, sign=True),
    )


def by_sensitivity(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcomes from the calmest to the most talkative."""
    return sorted(outcomes, key=lambda outcome: outcome.detection.sensitivity)


def largest_first(incidents: Sequence[Incident]) -> list[Incident]:
    """Return the incidents by what they cost in all; their ranks are their numbers on the page."""
    return sorted(incidents, key=lambda one: (-one.impact, one.first_day, one.incident_id))


def span(test: BackTest) -> str:
    """Return the days that have data, both ends inclusive; those that were asked for where none has."""
    first, last = (test.daily[0][0], test.daily[-1][0]) if test.daily else (test.first_day, test.last_day)
    return f"{first} to {last}"
