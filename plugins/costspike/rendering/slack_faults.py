"""What a person has to do about an answer of Slack: one clear sentence of what is wrong, one of what to do."""

from __future__ import annotations

from dataclasses import dataclass

from costspike.domain.errors import UpstreamError

_TOKEN_PAGE = "api.slack.com/apps > the app > OAuth & Permissions"  # noqa: S105 - a page, no token
_NEW_TOKEN = f"Copy the Bot User OAuth Token from {_TOKEN_PAGE} into the password of the connection."
_ADMIN = "Ask an owner of the workspace to allow it."

# Slack's own words for its refusals: https://docs.slack.dev/reference/methods/chat.postMessage#errors
_FAULTS = {
    "not_authed": ("The connection {conn} holds no token.", _NEW_TOKEN),
    "invalid_auth": ("Slack does not know the token of the connection {conn}.", _NEW_TOKEN),
    "token_revoked": ("The token of the connection {conn} was revoked.", _NEW_TOKEN),
    "token_expired": ("The token of the connection {conn} has expired.", _NEW_TOKEN),
    "account_inactive": (
        "The token of the connection {conn} belongs to an app or a workspace that was removed.",
        f"Install the app again. {_NEW_TOKEN}",
    ),
    "not_allowed_token_type": ("The connection {conn} holds a token that is no bot's.", _NEW_TOKEN),
    "missing_scope": (
        "The token of the connection {conn} lacks the scope {scope}.",
        f"Add it at {_TOKEN_PAGE} > Bot Token Scopes, and install the app again.",
    ),
    "not_in_channel": ("The app is no member of the channel {channel}.", "Type /invite @{bot} there."),
    "channel_not_found": (
        "There is no channel {channel} that the app can see.",
        "Set alerts.channel to the id at the foot of the channel's details; if it is private, invite the app.",
    ),
    "is_archived": (
        "The channel {channel} is archived.",
        "Set alerts.channel to another one, or unarchive it.",
    ),
    "restricted_action": ("The workspace forbids the app to post in {channel}.", _ADMIN),
    "restricted_action_read_only_channel": ("The channel {channel} takes no posts from apps.", _ADMIN),
    "ekm_access_denied": ("The workspace's owners have suspended posting.", _ADMIN),
    "team_access_not_granted": ("The app is not granted access to the workspace of {channel}.", _ADMIN),
    # Webhooks: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
    "no_service": (
        "The webhook of the connection {conn} does not exist any more.",
        "Make a new one at api.slack.com/apps > the app > Incoming Webhooks, and put its URL into the password.",
    ),
    "invalid_token": ("The URL of the webhook {conn} is mistyped.", "Copy it again into the password."),
    "action_prohibited": ("The workspace forbids the webhook of the connection {conn}.", _ADMIN),
    "posting_to_general_channel_denied": ("The webhook may not post in the general channel.", _ADMIN),
    "no_team": ("The workspace of the webhook {conn} is gone.", "Make a webhook in another workspace."),
}
_FAULTS["channel_is_archived"] = (
    "The webhook's channel is archived.",
    "Make a webhook for another channel, or unarchive it.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What was asked of Slack: through which connection, for which channel and scope, as which app."""

    conn_id: str
    channel: str = ""
    scope: str = ""
    bot: str = ""
    timeout_seconds: int = 0


def diagnosis(error: UpstreamError, where: Where) -> str:
    """Return what is wrong and what to do about it."""
    if error.reason == "rate_limited":
        wait = f"{error.retry_after:.0f} seconds" if error.retry_after else "a minute"
        return f"Slack limits the rate of the app. Wait {wait}, and trigger the self-test again."
    if error.code in _FAULTS:
        return " ".join(_FAULTS[error.code]).format(
            conn=repr(where.conn_id),
            channel=where.channel or "of the webhook",
            scope=where.scope or "that is asked for",
            bot=where.bot or "the app's name",
        )
    if error.reason == "unknown_outcome":
        return (
            f"Slack's answer did not arrive within {where.timeout_seconds} s, so that the test message may be in "
            "the channel. Look there, check the way to Slack (proxy, firewall), and trigger the self-test again."
        )
    if error.reason == "unavailable" and not error.code:
        return (
            f"Slack cannot be reached, or did not answer within {where.timeout_seconds} s. Check that this worker "
            "may call slack.com (proxy, firewall, the base_url of the connection), and trigger the self-test again."
        )
    return f"{str(error)[:1].upper()}{str(error)[1:]}"
