SELECT
    evidence_source,
    title,
    x_state,
    note,
    evidence_rows,
    requests
FROM spike_evidence
WHERE
    spike_id = :spike_id
    AND facts_hash = :facts_hash
ORDER BY evidence_source
