"""Show stored messages as people would see them, without sending or changing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costspike.domain.deliveries import Delivery
from costspike.rendering.message import FoldedMessage, Message, stored_message

if TYPE_CHECKING:
    from costspike.adapters.warehouse.stored_messages import StoredMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A message and where it comes from; ``message`` is None if the newest verdict does not hold it any more.

    ``as_sent`` tells what was sent or tried from what would be sent now.
    """

    stored: StoredMessage
    message: Message | None
    as_sent: bool


def preview_messages(
    found: Iterable[StoredMessage],
    render: Callable[[Delivery, StoredMessage], Message | FoldedMessage | None],
) -> list[Preview]:
    """Return each message as it was sent, else as it would be sent now: a short one, and all of it after that."""
    previews = []
    for one in found:
        if one.message:
            previews.append(Preview(stored=one, message=stored_message(one.message), as_sent=True))
            continue
        delivery = Delivery(message_key=one.message_key, spike_ids=one.alert_ids)
        made = render(delivery, one)
        forms = [made.short, made.full] if isinstance(made, FoldedMessage) else [made]
        previews += [Preview(stored=one, message=form, as_sent=False) for form in forms]
    return previews
