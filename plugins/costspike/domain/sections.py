"""The base of every section of the settings."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """One section of ``include/costspike.yaml``: frozen, and an unknown key is an error.

    A section that domain rules read is declared beside those rules; ``costspike.settings`` joins them.
    Each field's description is its documentation, in the file and in the README table.
    """

    # Built when it is first needed: of the sections inside ``Settings`` that is never, which halves its import.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
