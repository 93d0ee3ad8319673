-- The check for a batch and its insert are one step only while nobody else is between them.
LOCK TABLE explanation_batches IN SHARE ROW EXCLUSIVE MODE
