"""Show stored messages as people would see them, without sending or changing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costspike.domain.deliveries import Delivery
from costspike.domain.incident_changes import NotifyReason
from costspike.rendering.message import FoldedMessage, Message, stored_message

if TYPE_CHECKING:
    from costspike.adapters.warehouse.stored_messages import StoredMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A message and where it comes from; ``message`` is None if the newest verdict does not hold it any more.

    ``as_sent`` tells what was sent or tried from what would be sent now; ``is_details`` that it is what a short
    message or a digest leaves for its thread.
    """

    stored: StoredMessage
    message: Message | None
    as_sent: bool
    is_details: bool = False


def preview_messages(
    found: Iterable[StoredMessage],
    render: Callable[[Delivery, StoredMessage], Message | FoldedMessage | None],
) -> list[Preview]:
    """Return each message as it was sent, else as it would be sent now, with its details right after it."""
    previews = []
    for one in found:
        is_details = one.notify_reason == NotifyReason.DETAILS
        if one.message:
            form = stored_message(one.message)
            previews.append(Preview(stored=one, message=form, as_sent=True, is_details=is_details))
            continue
        delivery = Delivery(message_key=one.message_key, spike_ids=one.alert_ids)
        made = render(delivery, one)
        short = made.short if isinstance(made, FoldedMessage) else made
        previews.append(Preview(stored=one, message=short, as_sent=False, is_details=is_details))
        if isinstance(made, FoldedMessage):
            previews.append(Preview(stored=one, message=made.full, as_sent=False, is_details=True))
    return _by_thread(previews)


def _by_thread(previews: Sequence[Preview]) -> list[Preview]:
    """Return the messages with the details of each after it; details that were asked for alone come last."""
    ordered: list[Preview] = []
    details = [preview for preview in previews if preview.is_details]
    for preview in previews:
        if preview.is_details:
            continue
        mine = [
            one for one in details if not set(one.stored.incident_ids).isdisjoint(preview.stored.incident_ids)
        ]
        ordered += [preview, *mine]
        details = [one for one in details if one not in mine]
    return ordered + details
