-- Tokens and dollars are added up: an answer that could not be used was paid for as well.
UPDATE spike_explanations
SET
    x_state = :state,
    answer = :answer,
    model_severity = :model_severity,
    flags = :flags,
    reason = :reason,
    request_id = :request_id,
    input_tokens = input_tokens + :input_tokens,
    output_tokens = output_tokens + :output_tokens,
    usd = CASE
        WHEN CAST(:usd AS DECIMAL(38, 12)) IS NULL THEN usd
        ELSE COALESCE(usd, 0) + CAST(:usd AS DECIMAL(38, 12))
    END,
    x_finished_at = :finished_at
WHERE
    spike_id = :spike_id
    AND prompt_hash = :prompt_hash
    AND model = :model
