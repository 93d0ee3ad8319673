INSERT INTO explanation_batches (
    batch_key,
    x_state,
    batch_id,
    not_ours,
    questions,
    claimed_by,
    started_at
)
VALUES (
    :batch_key,
    'submitting',
    '',
    '[]',
    :questions,
    :claimed_by,
    :started_at
)
