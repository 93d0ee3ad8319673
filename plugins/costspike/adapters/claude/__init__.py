"""Claude: one question and its answer, a conversation with tools, and Message Batches."""

from costspike.adapters.claude.client import CallLimits, Claude

__all__ = ["CallLimits", "Claude"]
