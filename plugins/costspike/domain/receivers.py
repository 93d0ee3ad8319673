"""Who else is told of an alert: the settings of a receiver, and what it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field, field_validator

from costspike.domain.sections import Section

Kind = Literal["pagerduty", "opsgenie", "email", "teams"]
Severity = Literal["P1", "P2", "P3", "P4"]

PROVIDERS: Final[dict[str, str]] = {
    "pagerduty": "apache-airflow-providers-pagerduty",
    "opsgenie": "apache-airflow-providers-opsgenie",
    "email": "apache-airflow-providers-smtp",
    "teams": "apache-airflow-providers-http",
}
"""The package whose notifier each kind goes through."""

OVER: Final = frozenset({"resolved", "settled"})
"""The notify reasons that end an incident: the rise is gone, or has become the normal level."""


class ReceiverSettings(Section):
    """One receiver beside Slack."""

    kind: Kind = Field(description="Which notifier of Airflow tells it.")
    connection: str = Field(min_length=1, description="Airflow connection of that notifier.")
    min_severity: Severity = Field("P4", description="Only alerts of this severity or a worse one.")
    to: tuple[str, ...] = Field((), description="email only: the addresses.")

    @field_validator("to", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @property
    def name(self) -> str:
        """Return what tells the receiver from others, in the warehouse and for people."""
        return " ".join([f"{self.kind}:{self.connection}", *self.to])

    def wants(self, severity: str) -> bool:
        """Tell whether an alert is severe enough; one whose severity is not known is."""
        return severity <= self.min_severity or severity not in {"P1", "P2", "P3", "P4"}

    def problem(self) -> str:
        """Return what is wrong with the settings by themselves, empty if nothing is."""
        if self.kind == "email" and not self.to:
            return "an email receiver needs addresses, e.g. to: [finops@example.com]"
        if self.kind != "email" and self.to:
            return f"only email has addresses (to); {self.kind} takes its target from the connection"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """An alert as other receivers are given it: plain text, and only links of our own.

    ``dedup_key`` is the same for everything about one incident: receivers that know such a key fold repeats
    of it into one. ``resolved`` says that the incident is over.
    """

    dedup_key: str
    severity: str
    title: str
    text: str
    links: tuple[tuple[str, str], ...] = ()
    html: str = ""
    resolved: bool = False
