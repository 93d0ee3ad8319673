-- What each source said about a spike, kept so that a second try asks and pays for nothing again.
-- x_state: found, empty, unavailable, denied, skipped. evidence_rows is a JSON list of {label, values}.
CREATE TABLE IF NOT EXISTS spike_evidence (
    spike_id VARCHAR NOT NULL,
    facts_hash VARCHAR NOT NULL,
    evidence_source VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    x_state VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    evidence_rows VARCHAR NOT NULL,
    requests INTEGER NOT NULL,
    x_collected_at TIMESTAMP NOT NULL,
    PRIMARY KEY (spike_id, facts_hash, evidence_source)
)
