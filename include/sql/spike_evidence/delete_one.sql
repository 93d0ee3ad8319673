DELETE FROM spike_evidence
WHERE
    spike_id = :spike_id
    AND facts_hash = :facts_hash
    AND evidence_source = :evidence_source
