-- The check for an existing question and the claim are one step only while nobody else is between them.
LOCK TABLE spike_explanations IN SHARE ROW EXCLUSIVE MODE
