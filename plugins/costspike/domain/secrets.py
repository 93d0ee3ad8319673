"""Take out of a text what looks like a secret: an error of a library can quote an address or a header."""

import re

_HIDDEN = "***"

_PATTERNS = (
    # Slack: https://docs.slack.dev/authentication/tokens
    re.compile(r"\bx(?:ox[a-z]|app|wfp)(?:\.xox[a-z])?-[\w-]+", re.IGNORECASE),
    re.compile(r"(?<=/services/)[\w/+-]+"),
    re.compile(r"\bsk-[\w-]{6,}"),
    # AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{8,}\b"),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"),
    # What stands between a scheme and a host: user and password.
    re.compile(r"(?<=://)[^/\s@]+(?=@)"),
    re.compile(r"(?<=bearer )\S+|(?<=basic )[A-Za-z0-9+/=]{8,}", re.IGNORECASE),
    # Query parameters of a signed or tokenized address.
    re.compile(r"(?<=[?&])(?:sig|signature|x-amz-[\w-]+|code)=[^&\s]+", re.IGNORECASE),
)
_NAMED = re.compile(
    r"(?P<name>[\w-]*(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|routing[_-]?key)[\w-]*"
    r"[\"']?\s*[=:]\s*)(?:\"[^\"]*\"|'[^']*'|[^\s,;&)]+)",
    re.IGNORECASE,
)


def without_secrets(text: str) -> str:
    """Return the text with tokens, keys, passwords and the user part of addresses replaced by ``***``."""
    for pattern in _PATTERNS:
        text = pattern.sub(_HIDDEN, text)
    return _NAMED.sub(rf"\g<name>{_HIDDEN}", text)
