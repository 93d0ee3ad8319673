"""Calls of people in Slack: only ids from the settings, never a name from AWS or from a model."""

import re
from collections.abc import Iterable

_USER = re.compile(r"[UW][A-Z0-9]{2,30}")
_GROUP = re.compile(r"S[A-Z0-9]{2,30}")
_MOST = 10


def mention_line(ids: Iterable[str]) -> str:
    """Return the calls in one line of mrkdwn; what is no id is left out, empty where nothing is left."""
    called = [_called(one) for one in dict.fromkeys(ids)]
    return " ".join([one for one in called if one][:_MOST])


def _called(one: str) -> str:
    if _USER.fullmatch(one):
        return f"<@{one}>"
    return f"<!subteam^{one}>" if _GROUP.fullmatch(one) else ""
