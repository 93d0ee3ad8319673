-- What is known of a spike as it stands: an answer first, then the latest failure.
SELECT
    x_state,
    model,
    prompt_version,
    facts,
    answer,
    flags,
    reason
FROM spike_explanations
WHERE
    spike_id = :spike_id
    AND facts_hash = :facts_hash
ORDER BY
    CASE WHEN answer <> '' THEN 0 ELSE 1 END,
    claimed_at DESC
