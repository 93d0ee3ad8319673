SELECT
    x_state,
    claimed_by,
    claimed_at,
    answer,
    flags,
    reason,
    prompt_version
FROM spike_explanations
WHERE
    spike_id = :spike_id
    AND prompt_hash = :prompt_hash
    AND model = :model
