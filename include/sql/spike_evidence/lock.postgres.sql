-- Replacing a row is a delete and an insert: two runs at once would both insert.
LOCK TABLE spike_evidence IN SHARE ROW EXCLUSIVE MODE
