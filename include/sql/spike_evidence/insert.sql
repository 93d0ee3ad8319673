INSERT INTO spike_evidence (
    spike_id,
    facts_hash,
    evidence_source,
    title,
    x_state,
    note,
    evidence_rows,
    requests,
    x_collected_at
)
VALUES (
    :spike_id,
    :facts_hash,
    :evidence_source,
    :title,
    :state,
    :note,
    :evidence_rows,
    :requests,
    :collected_at
)
