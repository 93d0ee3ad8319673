"""What an error code of an AWS service means: whether waiting heals it, or somebody has to grant something."""

from costspike.domain.errors import Reason

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


def reason_of(code: str, status: int) -> Reason:
    """Return the reason behind an error code and its HTTP status."""
    if code in CREDENTIALS or code in DENIED or status in {401, 403}:
        return "auth"
    if code in THROTTLED or status == 429:  # noqa: PLR2004 - HTTP's word for too many requests
        return "rate_limited"
    return "unavailable" if status >= 500 else "bad_request"  # noqa: PLR2004 - HTTP's server errors
