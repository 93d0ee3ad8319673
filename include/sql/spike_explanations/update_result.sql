-- Tokens and dollars are added up: an answer that could not be used was paid for as well.
-- An answer from before stays where asking again brought none.
UPDATE spike_explanations
SET
    x_state = CASE
        WHEN CAST(:answer AS VARCHAR) = '' AND answer <> '' THEN 'answered'
        ELSE CAST(:state AS VARCHAR)
    END,
    answer = CASE WHEN CAST(:answer AS VARCHAR) = '' THEN answer ELSE CAST(:answer AS VARCHAR) END,
    model_severity = CASE
        WHEN CAST(:answer AS VARCHAR) = '' THEN model_severity
        ELSE CAST(:model_severity AS VARCHAR)
    END,
    flags = CASE WHEN CAST(:answer AS VARCHAR) = '' THEN flags ELSE CAST(:flags AS VARCHAR) END,
    facts = CASE
        WHEN CAST(:answer AS VARCHAR) = '' AND answer <> '' THEN facts
        ELSE CAST(:facts AS VARCHAR)
    END,
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
