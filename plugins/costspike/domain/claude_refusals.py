"""What it means when Claude refuses or stops: the reason, and what to do, in words with places for names."""

from collections.abc import Mapping

from costspike.domain.errors import Reason

ADVICE: Mapping[int, tuple[Reason, str]] = {
    400: (
        "bad_request",
        "Check the model, max_tokens and effort of the settings; this is not healed by waiting.",
    ),
    401: ("auth", "Put a valid API key into the connection {conn_id!r}."),
    402: ("auth", "Add credit to the account behind the connection {conn_id!r}, or use another key there."),
    403: (
        "auth",
        "Allow the key of the connection {conn_id!r} to use model {model!r}, or set another model.",
    ),
    404: ("bad_request", "Set a model that the connection {conn_id!r} offers instead of {model!r}."),
    413: ("bad_request", "The prompt is too large for the API; shorten the organisation's description."),
    429: ("rate_limited", "Wait, or raise the rate limit of the key in the connection {conn_id!r}."),
}
BUSY: tuple[Reason, str] = ("unavailable", "Wait; status.claude.com tells whether it is a known outage.")
REFUSED: tuple[Reason, str] = ("bad_request", "Check the settings and the connection {conn_id!r}.")
STOPPED = {
    "max_tokens": "was cut off at max_tokens={max_tokens}. Raise it, or lower the effort",
    "model_context_window_exceeded": "does not fit into the context of model {model!r}. Set a larger model",
    "refusal": "is a refusal (category {category}). Set another model, or look at the facts yourself",
    "tool_use": "asks for a tool that there is not. Run the task again",
    "pause_turn": "is paused in the middle. Run the task again",
}
