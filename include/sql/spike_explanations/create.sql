-- One row a question: the spike, what was asked (a hash of facts, prompt and schema), and the model.
-- x_state: asking (somebody is waiting for the answer), answered, failed.
CREATE TABLE IF NOT EXISTS spike_explanations (
    spike_id VARCHAR NOT NULL,
    prompt_hash VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    facts_hash VARCHAR NOT NULL,
    x_state VARCHAR NOT NULL,
    claimed_by VARCHAR NOT NULL,
    claimed_at TIMESTAMP NOT NULL,
    prompt_version VARCHAR NOT NULL,
    facts VARCHAR NOT NULL,
    answer VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    model_severity VARCHAR NOT NULL,
    flags VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    request_id VARCHAR NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    usd DECIMAL(38, 12),
    x_finished_at TIMESTAMP,
    PRIMARY KEY (spike_id, prompt_hash, model)
)
