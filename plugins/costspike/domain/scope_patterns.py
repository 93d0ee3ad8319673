"""Which part of the bill a rule of the settings is about, and how much of a spike lies in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from costspike.domain.sections import Section

if TYPE_CHECKING:  # the settings are read whenever the DAG is parsed, and need none
    from costspike.domain.spikes import Contributor, Scope, Spike

_NAMES = ("account", "service", "usage_type")


class ScopePattern(Section):
    """A part of the bill: ``*``, ``?`` and ``[...]`` as in file names, upper and lower case alike.

    A name that is not given is any. A scope of all accounts is no part of one account's.
    """

    account: str = Field(default="", max_length=100, description="Account number.")
    service: str = Field(default="", max_length=200, description="Service, as Cost Explorer names it.")
    usage_type: str = Field(default="", max_length=200, description="Usage type; only at the finer grain.")

    @property
    def text(self) -> str:
        """Return the pattern in one line."""
        given = [f"{name} {getattr(self, name)}" for name in _NAMES if getattr(self, name)]
        return ", ".join(given) or "everything"

    def holds(self, scope: Scope) -> bool:
        """Tell whether a scope lies in the pattern."""
        return self._matches(
            {"account": scope.account_id, "service": scope.service, "usage_type": scope.usage_type}
        )

    def share_of(self, spike: Spike) -> Decimal:
        """Return how much of a spike's rise surely lies in the pattern, between 0 and the impact.

        Of a scope that is broader than the pattern its contributors tell, those that rose; what they do not
        name is outside.
        """
        if spike.impact <= 0:
            return Decimal(0)
        if self.holds(spike.scope):
            return spike.impact
        rises = [part for part in spike.contributors if part.delta > 0]
        inside = sum((part.delta for part in rises if self._holds_part(part, spike.scope)), Decimal(0))
        outside = sum((part.delta for part in rises), Decimal(0)) - inside
        return min(max(spike.impact - outside, Decimal(0)), inside)

    def _holds_part(self, part: Contributor, scope: Scope) -> bool:
        names = {
            "account": part.account_id or scope.account_id,
            "service": part.service or scope.service,
            "usage_type": part.usage_type or scope.usage_type,
        }
        return self._matches(names)

    def _matches(self, names: Mapping[str, str]) -> bool:
        wanted = {name: getattr(self, name) for name in _NAMES}
        return all(not pattern or matches(pattern, names[name]) for name, pattern in wanted.items())


class NarrowPattern(ScopePattern):
    """A part of the bill that is not all of it."""

    @model_validator(mode="after")
    def _is_narrow(self) -> Self:
        if all(getattr(self, name).strip("*") == "" for name in _NAMES):
            msg = "it would cover the whole bill; expected at least one of account, service and usage_type"
            raise ValueError(msg)
        return self


def matches(pattern: str, name: str) -> bool:
    """Tell whether a name fits a pattern."""
    return _compiled(pattern).fullmatch(name) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern), re.IGNORECASE)
