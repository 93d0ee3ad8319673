"""How a Message Batch is known again: by its questions, whoever submits them and whenever."""

import hashlib
from collections.abc import Iterable

# The API takes up to 64 characters of letters, digits, - and _.
_ID_CHARACTERS = 40


def custom_id_of(spike_id: str, prompt_hash: str, model: str) -> str:
    """Return the id of a question within its batch, the same for the same question."""
    return _digest((spike_id, prompt_hash, model))[:_ID_CHARACTERS]


def batch_key_of(custom_ids: Iterable[str], salt: str = "") -> str:
    """Return the identity of a batch of these questions, in whatever order; ``salt`` tells a forced one apart."""
    return _digest((salt, *sorted(custom_ids)))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
