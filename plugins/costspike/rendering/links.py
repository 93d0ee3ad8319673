"""Links of a message: only ours, as plain mrkdwn links.

Buttons are not used: without an endpoint that acknowledges the click, Slack shows a warning sign beside
them (https://github.com/slackapi/node-slack-sdk/issues/869).
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote

from costspike.domain.spikes import Scope
from costspike.rendering import slack_limits
from costspike.rendering.mrkdwn import mrkdwn

AWS_CONSOLE = "https://us-east-1.console.aws.amazon.com"

_WEB = re.compile(r"https?://[^/\s]", re.IGNORECASE)
_LABEL = 60
_SEPARATOR = " · "
# What may stand in a URL unquoted; `%` because the URL is quoted already where it has to be.
_URL_CHARACTERS = "%/:?#[]@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link of our own making: the words to click and the address."""

    label: str
    url: str


def airflow_links(task_url: str) -> tuple[Link, ...]:
    """Return the links to the run and to the mapped task instance; none where no address is known."""
    if not task_url:
        return ()
    run_url, found, _ = task_url.partition("/tasks/")
    run = Link(label="Airflow run", url=run_url)
    return (run, Link(label="Airflow task", url=task_url)) if found else (run,)


def link_line(links: Sequence[Link], limit: int) -> str:
    """Return the links in one line of at most ``limit`` characters; those that do not fit are left out."""
    line = ""
    for written in filter(None, map(_written, links)):
        longer = f"{line}{_SEPARATOR}{written}" if line else written
        if len(longer) <= limit:
            line = longer
    return line


def cost_explorer_url(
    scope: Scope, start: date, end: date, *, amortized: bool = False, console: str = AWS_CONSOLE
) -> str:
    """Return a link to Cost Explorer, filtered to the scope, for the days ``[start, end)``.

    AWS does not document the format; it was read off links of the console in public repositories
    (for example confluentinc/kcp). The console's own last day is inclusive. A filter that it does not
    know opens the unfiltered page.
    """
    parameters = {
        "chartStyle": "STACK",
        "costAggregate": "amortizedCost" if amortized else "unBlendedCost",
        "endDate": (end - timedelta(days=1)).isoformat(),
        "excludeForecasting": "true",
        "filter": json.dumps(_filters(scope), separators=(",", ":")),
        "futureRelativeRange": "CUSTOM",
        "granularity": "Daily",
        "groupBy": json.dumps(["UsageType" if scope.service else "Service"]),
        "historicalRelativeRange": "CUSTOM",
        "reportMode": "STANDARD",
        "showOnlyUncategorized": "false",
        "showOnlyUntagged": "false",
        "startDate": start.isoformat(),
        "usageAggregate": "undefined",
        "useNormalizedUnits": "false",
    }
    query = "&".join(f"{name}={quote(value, safe=':,')}" for name, value in parameters.items())
    return f"{console}/costmanagement/home#/cost-explorer?{query}"


def _filters(scope: Scope) -> list[dict[str, object]]:
    dimensions = {
        "Service": ("Service", scope.service),
        "LinkedAccount": ("Linked account", scope.account_id),
        "Region": ("Region", scope.region),
        "UsageType": ("Usage type", scope.usage_type),
    }
    return [
        {
            "dimension": {"id": name, "displayValue": label},
            "operator": "INCLUDES",
            "values": [{"value": value, "displayValue": value}],
        }
        for name, (label, value) in dimensions.items()
        if value
    ]


def _written(link: Link) -> str:
    # Quoted again where a character could end the link or the text around it: `<`, `>`, `|`, a space.
    url = quote(link.url, safe=_URL_CHARACTERS, errors="replace").replace("&", "&amp;")
    label = mrkdwn(link.label, _LABEL).replace("|", "/")
    if not label or not _WEB.match(link.url) or len(url) > slack_limits.LINK_URL:
        return ""
    return f"<{url}|{label}>"
