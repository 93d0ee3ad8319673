"""The answer of a Claude that is none: it repeats facts of the prompt and says what it is."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

LABEL = "[sandbox]"
FACTS = re.compile(r"<facts>(.*?)</facts>", re.DOTALL)
MAX_CITED = 3
MAX_NAME = 80
NAMES = ("usage_type", "service", "account_name", "account_id", "region")


class Hint(NamedTuple):
    """What the name of a usage type gives away: the kind of cause, and where to look."""

    part: str
    category: str
    console_path: str
    command: str


HINTS = (
    Hint("natgateway", "data_transfer", "VPC > NAT gateways", "aws ec2 describe-nat-gateways"),
    Hint("datatransfer", "data_transfer", "VPC > NAT gateways", "aws ec2 describe-nat-gateways"),
    Hint("dataprocessing", "misconfiguration", "CloudWatch > Log groups", "aws logs describe-log-groups"),
    Hint("boxusage", "new_resource", "EC2 > Instances", "aws ec2 describe-instances"),
    Hint("lambda", "usage_growth", "Lambda > Functions", "aws lambda get-account-settings"),
    Hint("", "unknown", "Billing and Cost Management > Cost Explorer", ""),
)

Fact = Mapping[str, Any]


def sandbox_answer(body: dict[str, Any]) -> dict[str, Any]:
    """Return a valid structured answer that cites facts by their ids and computes no number.

    A number in it stands in a fact; the facts are the JSON rows between ``<facts>`` and ``</facts>``.
    """
    facts = _facts(_user_text(body))
    causes = [fact for fact in facts if "contributor" in str(fact.get("label", "")).lower()] or facts
    cause = next((fact for fact in causes if _values(fact).get("usage_type")), None)
    cause = cause or next((fact for fact in causes if _names(fact)), {})
    impact = next((fact for fact in facts if "impact_cost" in _values(fact)), {})
    cited = [str(fact["id"]) for fact in (cause, impact, *facts) if fact.get("id")]
    cited = list(dict.fromkeys(cited))[:MAX_CITED]
    hint = next(hint for hint in HINTS if hint.part in re.sub(r"[^a-z]", "", " ".join(_names(cause)).lower()))
    subject = " in ".join(_names(cause)[:MAX_CITED]) or "one part of the bill"
    root_cause = (
        f"{LABEL} No model was asked: the fact sheet points to {subject} ({', '.join(cited) or 'no id'})."
    )
    return {
        "root_cause": root_cause + _rise(impact, facts),
        "cause_category": hint.category,
        "confidence": "low",
        "what_changed": _what_changed(facts),
        "changed_on": "",
        "hypotheses": [
            {
                "cause": f"{LABEL} The rise lies in {subject}.",
                "cause_category": hint.category,
                "likelihood": "low",
                "evidence_for": cited,
                "evidence_against": [],
                "how_to_disprove": f"Look whether {subject} is back at its usual cost.",
            }
        ],
        "severity": "P3",
        "severity_reason": f"{LABEL} The written rule decides, this answer has no opinion.",
        "recommendations": _recommendations(subject, hint),
        "prevention": f"{LABEL} Set a budget with an alert for {subject}.",
        "evidence_ids": cited,
        "suspicious_input": "previous instructions" in json.dumps(facts).lower(),
    }


def _recommendations(subject: str, hint: Hint) -> list[dict[str, str]]:
    return [
        {
            "action": f"Find the resource behind {subject}.",
            "console_path": hint.console_path,
            "cli": hint.command,
        },
        {
            "action": "Look up who created or changed resources on that day.",
            "console_path": "CloudTrail > Event history",
            "cli": "aws cloudtrail lookup-events",
        },
        {
            "action": "Ask the owner of the account whether the change was planned.",
            "console_path": "AWS Organizations > AWS accounts",
            "cli": "",
        },
    ]


def _what_changed(facts: Sequence[Fact]) -> str:
    """Return the first event that the facts tell of, nothing where there is none."""
    event = next((fact for fact in facts if _values(fact).get("event")), None)
    if event is None:
        return ""
    values = _values(event)
    return f"{LABEL} {values['event']} by {str(values.get('user') or 'somebody')[:MAX_NAME]} ({event['id']})."


def _rise(impact: Fact, facts: Sequence[Fact]) -> str:
    """Return a sentence with the impact as the facts write it, nothing where they have none."""
    amount = _values(impact).get("impact_cost")
    currency = next(
        (_values(fact)["billing_currency"] for fact in facts if "billing_currency" in _values(fact)), ""
    )
    return f" The rise is {amount} {currency} above what was expected ({impact['id']})." if amount else ""


def _user_text(body: Mapping[str, Any]) -> str:
    content = body["messages"][-1]["content"]
    if isinstance(content, str):
        return content
    return "\n".join(str(block.get("text", "")) for block in content if isinstance(block, dict))


def _facts(text: str) -> list[Fact]:
    """Return the rows of the pair of tags that has any: a prompt may also speak about its tags."""
    return next((rows for part in FACTS.findall(text) if (rows := list(_rows(part)))), [])


def _rows(text: str) -> Iterator[Fact]:
    """Yield the JSON objects of a list, or of lines; anything else is passed over."""
    for candidate in (text, *text.splitlines()):
        try:
            value = json.loads(candidate)
        except ValueError:
            continue
        yield from (row for row in (value if isinstance(value, list) else [value]) if isinstance(row, dict))
        if candidate is text:
            return


def _values(fact: Fact) -> Mapping[str, Any]:
    """Return the values of a row, which may lie in the row itself or under ``values``."""
    values = fact.get("values")
    return values if isinstance(values, dict) else fact


def _names(fact: Fact) -> list[str]:
    values = _values(fact)
    return [str(values[name])[:MAX_NAME] for name in NAMES if values.get(name)]
