"""The series that are published with the stamp of their own day: names, labels and what they mean.

A series with the prefix ``costspike_daily_`` holds one value a UTC day, at noon of that day; a later
revision follows some seconds after. They are gauges: a daily cost can be corrected downwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from costspike.domain.texts import encodable, plain

COST = "costspike_daily_cost"
BILL = "costspike_daily_billed_cost"
EXPECTED = "costspike_daily_spike_expected"
LOW = "costspike_daily_spike_expected_low"
HIGH = "costspike_daily_spike_expected_high"
IMPACT = "costspike_daily_spike_impact"
SCORE = "costspike_daily_spike_score"
OPEN = "costspike_daily_open_incidents"
READ_AT = "costspike_daily_read_timestamp_seconds"
PROVISIONAL = "costspike_daily_provisional"
REQUESTS = "costspike_daily_api_requests"
REQUESTS_USD = "costspike_daily_api_spend_usd"
TOKENS = "costspike_daily_claude_tokens"
CLAUDE_USD = "costspike_daily_claude_spend_usd"
ALERTS = "costspike_daily_alerts"

# A service of this name holds what is beyond the number of series that is allowed.
OTHER = "other"
# Mimir refuses longer values; AWS names are far shorter.
_LONGEST_VALUE = 1024
_CURRENCY = re.compile(r"[a-z]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """What is known of a metric; one ``in_currency`` has the code of the currency as the end of its name."""

    help: str
    labels: tuple[str, ...] = ()
    in_currency: bool = False
    # What a value becomes that does not stand any more: none of a cost is 0, an expectation is unknown.
    withdrawn: float = 0.0


_SCOPE = ("scope", "account", "service")
_UNKNOWN = float("nan")
METRICS: Mapping[str, Metric] = {
    COST: Metric(
        help="Usage cost of one UTC day, commitments spread over their use: what is judged and alerted.",
        labels=("account", "service"),
        in_currency=True,
    ),
    BILL: Metric(
        help="Billed cost of one UTC day by type of charge; all of them together are the bill.",
        labels=("account", "charge_type"),
        in_currency=True,
    ),
    EXPECTED: Metric(
        help="What a spiking scope was expected to cost.",
        labels=_SCOPE,
        in_currency=True,
        withdrawn=_UNKNOWN,
    ),
    LOW: Metric(help="Lower end of the expected band.", labels=_SCOPE, in_currency=True, withdrawn=_UNKNOWN),
    HIGH: Metric(help="Upper end of the expected band.", labels=_SCOPE, in_currency=True, withdrawn=_UNKNOWN),
    IMPACT: Metric(help="Actual less expected cost of a spike.", labels=_SCOPE, in_currency=True),
    SCORE: Metric(help="How far beyond its threshold a spike is; 1 is the threshold.", labels=_SCOPE),
    OPEN: Metric(help="Incidents that were open on the day, by severity.", labels=("severity",)),
    READ_AT: Metric(help="When the day was last read from its source, in Unix seconds."),
    PROVISIONAL: Metric(help="1 while AWS still calls the day's amounts estimated, else 0."),
    REQUESTS: Metric(help="Paid requests to Cost Explorer for the day.", labels=("purpose",)),
    REQUESTS_USD: Metric(help="US dollars for these requests.", labels=("purpose",)),
    TOKENS: Metric(help="Claude tokens for the day's spikes.", labels=("direction", "model")),
    CLAUDE_USD: Metric(help="US dollars for these tokens, where the price is known.", labels=("model",)),
    ALERTS: Metric(help="Alerts of the day, sent or not, and why not.", labels=("result", "reason")),
}


class Key(NamedTuple):
    """One series: its full name, and its labels in order of their names; none of them is empty."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()


class DayValue(NamedTuple):
    """The value of a series on a UTC day."""

    day: date
    key: Key
    value: float


def day_value(
    day: date, metric: str, value: Decimal | float, *, currency: str = "", **labels: str
) -> DayValue:
    """Return a value as it is published.

    Raises:
        ValueError: the currency is no three letters, or the metric is unknown or has other labels.
    """
    known = METRICS[metric]
    if set(labels) != set(known.labels):
        msg = f"{metric} has the labels {known.labels}, not {tuple(labels)}"
        raise ValueError(msg)
    name = metric
    if known.in_currency:
        name = full_name(metric, currency)
    pairs = sorted((label, label_value(text)) for label, text in labels.items())
    return DayValue(day, Key(name, tuple(pair for pair in pairs if pair[1])), float(value))


def full_name(metric: str, currency: str) -> str:
    """Return the name of a metric in a currency."""
    code = currency.lower()
    if not _CURRENCY.fullmatch(code):
        msg = f"{currency!r} is no currency code; expected three letters"
        raise ValueError(msg)
    return f"{metric}_{code}" if METRICS[metric].in_currency else metric


def known_names(names: Iterable[str]) -> list[str]:
    """Return the full names of all metrics, in US dollars and in the currencies that these names are in.

    A metric without any value today may have had some that do not stand any more.
    """
    codes = {"usd"} | {name.rpartition("_")[2] for name in names if name not in METRICS}
    every = {full_name(metric, code) for metric in METRICS for code in codes}
    return sorted(every)


def metric_of(name: str) -> Metric:
    """Return what is known of a full name."""
    return METRICS.get(name) or METRICS[name.rpartition("_")[0]]


def label_value(text: str) -> str:
    """Return a text from AWS as a label's value: on one line, nothing invisible, not endless."""
    return plain(encodable(text))[:_LONGEST_VALUE]
