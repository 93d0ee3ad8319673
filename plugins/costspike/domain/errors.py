"""The errors of costspike.

CostspikeError
├── SettingsError             every problem of the settings at once
├── DataContractError         data that breaks its contract: which row, what was expected
├── DayNotAvailable           a cost day that Cost Explorer does not have yet (heals by waiting)
├── BudgetExceeded            a request that would cost more than the settings allow
├── WarehouseBusy             the warehouse could not be opened in time (heals by waiting)
├── UpstreamError             another system said no: which one, why, and whether waiting heals it
└── ExplanationRejected       an answer was paid for and cannot be used

Texts say what happened, what was expected and what to do. They never hold a secret or a payload.
"""

from typing import Literal

Reason = Literal["auth", "rate_limited", "unavailable", "bad_request", "bad_answer", "unknown_outcome"]

_HEALING: frozenset[Reason] = frozenset({"rate_limited", "unavailable", "bad_answer", "unknown_outcome"})


class CostspikeError(Exception):
    """The root. ``retryable`` tells Airflow whether trying again can heal it."""

    retryable = False


class SettingsError(CostspikeError):
    """The settings are wrong; the text lists every problem, with the valid values."""


class DataContractError(CostspikeError):
    """Data does not keep its contract; the text names the row and what was expected."""


class DayNotAvailable(CostspikeError):
    """The cost day has no data yet. A day without data is not a day without cost."""

    retryable = True


class BudgetExceeded(CostspikeError):
    """The next request would go beyond a budget of the settings."""


class WarehouseBusy(CostspikeError):
    """The warehouse is held by somebody else, longer than the settings wait."""

    retryable = True


class UpstreamError(CostspikeError):
    """Another system failed or refused.

    ``system`` is its name for people, ``retry_after`` the seconds that it asked to wait, if it did, ``code``
    the system's own word for the refusal (``not_in_channel``), empty where it gave none. Without ``retryable``
    the reason tells whether waiting heals it.
    """

    def __init__(
        self,
        message: str,
        *,
        system: str,
        reason: Reason,
        retryable: bool | None = None,
        retry_after: float | None = None,
        code: str = "",
    ) -> None:
        super().__init__(message)
        self.system = system
        self.reason = reason
        self.retryable = reason in _HEALING if retryable is None else retryable
        self.retry_after = retry_after
        self.code = code


class ExplanationRejected(CostspikeError):
    """The model's answer is cut off, refused, empty or breaks its schema."""
