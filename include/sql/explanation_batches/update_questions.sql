UPDATE explanation_batches
SET
    questions = :questions,
    x_state = :state,
    x_finished_at = :finished_at
WHERE batch_key = :batch_key
