SELECT
    x_state,
    batch_id,
    not_ours,
    questions,
    claimed_by,
    started_at
FROM explanation_batches
WHERE batch_key = :batch_key
