-- Message Batches that were asked for, kept from before they are submitted: no batch is submitted twice.
-- x_state: submitting (it may be submitted, nobody knows), found (batch_id may be it), submitted, cancelled
-- (it took too long), ended.
-- questions is a JSON list of what is still to be settled, not_ours one of batches that were no match.
CREATE TABLE IF NOT EXISTS explanation_batches (
    batch_key VARCHAR NOT NULL PRIMARY KEY,
    x_state VARCHAR NOT NULL,
    batch_id VARCHAR NOT NULL,
    not_ours VARCHAR NOT NULL,
    questions VARCHAR NOT NULL,
    claimed_by VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL,
    x_finished_at TIMESTAMP
)
