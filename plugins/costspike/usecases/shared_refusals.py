"""What a task instance and its siblings tell each other of refused credentials: one refused request is enough."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from costspike.domain.credential_refusals import holds_since, is_of_credentials
from costspike.domain.errors import UpstreamError

if TYPE_CHECKING:
    from costspike.adapters.warehouse.credential_refusals import CredentialRefusals
    from costspike.domain.runs import Run

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRefusals:
    """The refusals of one task in one run, and the instance that looks at them.

    ``system`` is who is asked, as its errors name it; ``credential`` names the connection, and what else decides
    whether it is refused, never the secret.
    """

    run: Run
    notes: CredentialRefusals
    clock: Callable[[], datetime]

    @contextmanager
    def sharing(self, system: str, credential: str) -> Iterator[None]:
        """Do not enter where a sibling was just refused; note it if this instance is.

        Raises:
            UpstreamError: a sibling was refused; the same error as if it had been this instance.
        """
        if refused := self.refused(system, credential):
            raise refused
        with self.noting(system, credential):
            yield

    def refused(self, system: str, credential: str) -> UpstreamError | None:
        """Return the refusal that a sibling met and that holds for this instance too, None if there is none."""
        since = holds_since(self.run, self.clock())
        told = since and self.notes.told(credential, claims=self.run.siblings, since=since)
        if not told:
            return None
        log.warning("%s is not asked: it has just refused another instance of this task.", system)
        return UpstreamError(told, system=system, reason="auth", retryable=False)

    @contextmanager
    def noting(self, system: str, credential: str) -> Iterator[None]:
        """Note it if the system refuses the credentials."""
        try:
            yield
        except UpstreamError as error:
            if is_of_credentials(error, system):
                self.notes.note(credential, str(error), claimant=self.run.claimant, now=self.clock())
            raise
