-- Takes over a question that failed, was left behind, or is asked again on purpose.
UPDATE spike_explanations
SET
    x_state = 'asking',
    claimed_by = :claimed_by,
    claimed_at = :claimed_at,
    severity = :severity
WHERE
    spike_id = :spike_id
    AND prompt_hash = :prompt_hash
    AND model = :model
    AND claimed_at = :seen_claimed_at
