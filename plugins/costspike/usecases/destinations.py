"""Where an alert goes by the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costspike.domain.routes import Destination, destination

if TYPE_CHECKING:
    from costspike.domain.spikes import Scope
    from costspike.settings import Settings


def destination_of(scope: Scope, severity: str, settings: Settings) -> Destination:
    """Return channel and mentions of an alert."""
    own = settings.alerts
    return destination(own.routes, own.channel, scope, severity, settings.organisation.account_tags)
