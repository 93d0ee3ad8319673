-- What other receivers were given: one row a receiver and message. x_state: pending (not
-- taken yet), handed_over, not_wanted (not severe enough for it). A row without a message, registered, says
-- since when there is the receiver: what Slack got before that is not for it.
CREATE TABLE IF NOT EXISTS receiver_deliveries (
    receiver VARCHAR NOT NULL,
    message_key VARCHAR NOT NULL,
    x_state VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    problem VARCHAR NOT NULL,
    x_created_at TIMESTAMP NOT NULL,
    handed_over_at TIMESTAMP,
    PRIMARY KEY (receiver, message_key)
)
