-- What people said of incidents; of one incident the last row counts. verdict: anomaly, planned_activity,
-- false_positive. An incident that is folded again keeps its id, and with it what was said of it.
CREATE TABLE IF NOT EXISTS incident_verdicts (
    incident_id VARCHAR NOT NULL,
    given_at TIMESTAMP NOT NULL,
    given_by VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (incident_id, given_at, given_by)
)
