"""Refused credentials: what one task instance is told, its siblings are told too, for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from costspike.domain.errors import UpstreamError
from costspike.domain.runs import Run

# Slack's words for a token that is refused whatever it is used for, unlike one that lacks a scope or a channel:
# https://docs.slack.dev/reference/methods/chat.postMessage#errors
REFUSED_TOKEN: Final = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
)

# After so long somebody asks again: the credentials may have been mended while the run goes on.
_HOLDS_FOR = timedelta(minutes=2)


def is_of_credentials(error: UpstreamError, system: str) -> bool:
    """Tell whether a system refused the credentials, so that the same question of another would be refused too."""
    refused = error.system == system and error.reason == "auth"
    return refused and (not error.code or error.code in REFUSED_TOKEN)


def holds_since(run: Run, now: datetime) -> datetime | None:
    """Return from when on (UTC) a sibling's refusal holds for a task instance; None if it has to ask for itself.

    A person who has mended the credentials and clears the task is never stopped: only a first try is spared its
    request, and a refusal from before the run began (again) is none of this run.
    """
    return max(run.started, now - _HOLDS_FOR) if run.is_first_try else None
