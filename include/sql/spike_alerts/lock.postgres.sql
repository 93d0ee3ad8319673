-- The check for an existing row and the insert are one step only while nobody else is between them.
LOCK TABLE spike_alerts IN SHARE ROW EXCLUSIVE MODE
