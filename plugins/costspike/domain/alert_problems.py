"""Why an alert did not go out, as one of a few words: what is written for people has no bound."""

# (a part of the text, the word), first match wins; the texts are those of send_alert and the Slack adapter.
_WORDS = (
    ("there is no Slack connection", "no_connection"),
    ("the newest verdict does not hold", "withdrawn"),
    ("limits the rate", "rate_limited"),
    ("looked for before it is sent again", "unknown_outcome"),
    ("channel_not_found", "channel"),
    ("not_in_channel", "channel"),
    ("is_archived", "channel"),
    ("Correct the token", "auth"),
    ("Give the app the scopes", "auth"),
    ("Slack refused", "refused"),
    ("webhook", "refused"),
    ("is not Slack's API", "refused"),
    ("Slack", "unavailable"),
)
WAITING = "waiting"
UNKNOWN = "unknown"


def problem_reason(problem: str) -> str:
    """Return the word for a problem; ``waiting`` where nothing was tried yet."""
    if not problem:
        return WAITING
    return next((word for part, word in _WORDS if part in problem), UNKNOWN)
