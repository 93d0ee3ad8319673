UPDATE explanation_batches
SET
    x_state = :state,
    batch_id = :batch_id,
    not_ours = :not_ours,
    claimed_by = :claimed_by
WHERE batch_key = :batch_key
