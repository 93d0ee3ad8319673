"""What an error code of an AWS service means: whether waiting heals it, or somebody has to grant something."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from costspike.domain.errors import Reason

_LONGEST_TEXT = 300

DENIED = frozenset({"AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "OptInRequired"})
CREDENTIALS = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "ExpiredTokenException",
        "ExpiredToken",
        "RequestExpired",
        "AuthFailure",
        "InvalidAccessKeyId",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
    }
)
THROTTLED = frozenset(
    {
        "LimitExceededException",
        "ThrottlingException",
        "Throttling",
        "TooManyRequestsException",
        "RequestLimitExceeded",
    }
)


class Refusal(NamedTuple):
    """What a service answered instead of what was asked for."""

    code: str
    text: str
    status: int


def refusal_of(response: Mapping[str, Any]) -> Refusal:
    """Return the refusal in the response of botocore's ClientError; what it lacks is empty, or 0."""
    error = response.get("Error", {})
    return Refusal(
        code=str(error.get("Code", "")),
        text=str(error.get("Message", ""))[:_LONGEST_TEXT],
        status=int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)),
    )


def reason_of(code: str, status: int) -> Reason:
    """Return the reason behind an error code and its HTTP status."""
    if code in CREDENTIALS or code in DENIED or status in {401, 403}:
        return "auth"
    if code in THROTTLED or status == 429:  # noqa: PLR2004 - HTTP's word for too many requests
        return "rate_limited"
    return "unavailable" if status >= 500 else "bad_request"  # noqa: PLR2004 - HTTP's server errors
