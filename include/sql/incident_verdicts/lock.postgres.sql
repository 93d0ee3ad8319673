-- The check for a row and its insert are one step only while nobody else is between them.
LOCK TABLE incident_verdicts IN SHARE ROW EXCLUSIVE MODE
