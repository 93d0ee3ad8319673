"""The reader's own dashboard: the address from the settings, with what an alert is about filled in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from pydantic import StringConstraints

if TYPE_CHECKING:
    from costspike.domain.spikes import Scope

# A host of one's own, without a user or a password in it; nothing is filled in before the path begins.
DashboardUrl = Annotated[
    str,
    StringConstraints(
        pattern=r"^(https://[^\s{}<>|/?#@]+(/([^\s{}<>|]|\{service\}|\{account\})*)?)?$", max_length=1000
    ),
]

_PLACE = re.compile(r"\{(service|account)\}")


def dashboard_url(template: str, scope: Scope) -> str:
    """Return the address with service and account of a scope, each quoted whole; empty where it is about all."""
    values = {"service": scope.service, "account": scope.account_id}
    return _PLACE.sub(lambda found: quote(values[found.group(1)], safe="", errors="replace"), template)
