"""What went wrong with a request to Claude, as one error that says what to do."""

import math
import re
from dataclasses import dataclass

import anthropic

from costspike.domain.claude_refusals import ADVICE, BUSY, REFUSED
from costspike.domain.errors import Reason, UpstreamError

_MAX_MESSAGE_CHARACTERS = 200
_RETRYABLE_STATUS = frozenset({408, 409, 429})
SERVER_ERROR = 500
_KEY = re.compile(r"sk-[\w-]{6,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """The errors of one model behind one connection, which are only named in them."""

    conn_id: str
    model: str
    timeout_seconds: float

    def status(self, error: anthropic.APIStatusError) -> UpstreamError:
        """Return the error for an answer with an error's status."""
        status = error.status_code
        retryable = status in _RETRYABLE_STATUS or status >= SERVER_ERROR
        reason, advice = ADVICE.get(status, BUSY if retryable else REFUSED)
        said = _KEY.sub("[key]", str(error.api_message or ""))[:_MAX_MESSAGE_CHARACTERS]
        return self._error(
            f"Claude answered {status} {error.type or ''}".rstrip()
            + (f": {said!r}" if said else "")
            + f" (request {error.request_id or 'without id'}). {advice}",
            reason=reason,
            retryable=retryable,
            retry_after=_retry_after(error),
        )

    def no_answer(self, error: anthropic.APIConnectionError) -> UpstreamError:
        """Return the error for no answer, or no connection."""
        if isinstance(error, anthropic.APITimeoutError):
            what = f"Claude did not answer within {self.timeout_seconds:g} s"
            advice = "Wait, or raise the timeout."
        else:
            what = f"There is no connection to Claude ({type(error.__cause__ or error).__name__})"
            advice = "Check the network and the host of the connection {conn_id!r}."
        return self._error(f"{what}. {advice}", reason="unavailable", retryable=True)

    def broken_answer(self) -> UpstreamError:
        """Return the error for an answer that is no message."""
        what = "Claude's answer is no message of the API"
        advice = "Wait, and check the host of the connection {conn_id!r}."
        return self._error(f"{what}. {advice}", reason="bad_answer", retryable=True)

    def no_credentials(self) -> UpstreamError:
        """Return the error for a client without a key."""
        text = "There are no credentials for Claude. Put an API key into the connection {conn_id!r}."
        return self._error(text, reason="auth", retryable=False)

    def _error(
        self, text: str, *, reason: Reason, retryable: bool, retry_after: float | None = None
    ) -> UpstreamError:
        told = text.replace("{conn_id!r}", repr(self.conn_id)).replace("{model!r}", repr(self.model))
        return UpstreamError(
            told, system="Claude", reason=reason, retryable=retryable, retry_after=retry_after
        )


def _retry_after(error: anthropic.APIStatusError) -> float | None:
    try:
        seconds = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
