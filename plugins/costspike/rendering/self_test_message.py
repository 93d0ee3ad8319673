"""The message of the self-test, which nobody can mistake for an alert."""

from datetime import datetime

from costspike.rendering.blocks import context, header, section
from costspike.rendering.message import Message, metadata

TEST = "test"


def self_test_message(message_key: str, *, now: datetime) -> Message:
    """Return a message that says that it is a test, and nothing about any cost."""
    when = f"{now:%Y-%m-%d %H:%M} UTC"
    what = "costspike can post here. This is a test: no cost was looked at, and nothing has to be done."
    return Message(
        text=f"TEST: {what} ({when})",
        blocks=[
            header("🧪 TEST · costspike self-test"),
            section(what),
            context([f"Sent by the DAG aws_cost_spikes_self_test on {when}."]),
        ],
        metadata=metadata(message_key, TEST),
    )
