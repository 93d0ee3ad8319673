-- One row a refusal: which connection (and model), which task instance, and what it was told.
-- The other instances of the task do not ask for a while.
CREATE TABLE IF NOT EXISTS credential_refusals (
    credential VARCHAR NOT NULL,
    claimed_by VARCHAR NOT NULL,
    told VARCHAR NOT NULL,
    x_refused_at TIMESTAMP NOT NULL,
    PRIMARY KEY (credential, claimed_by, x_refused_at)
)
