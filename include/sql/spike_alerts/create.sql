-- The outbox. One row an incident, notify reason and day: it is written with the verdict, before anything is
-- sent, so that an alert cannot be lost, and its key cannot exist twice, so that it cannot be doubled.
-- x_state: pending, claimed (somebody is sending; the outcome may be unknown), sent.
-- notice: what the message tells of its incident, as JSON; what was told last is read from here.
CREATE TABLE IF NOT EXISTS spike_alerts (
    alert_id VARCHAR NOT NULL,
    incident_id VARCHAR NOT NULL,
    notify_reason VARCHAR NOT NULL,
    charge_period_start DATE NOT NULL,
    channel VARCHAR NOT NULL,
    spike_id VARCHAR NOT NULL,
    notice VARCHAR NOT NULL,
    x_state VARCHAR NOT NULL,
    message_key VARCHAR NOT NULL,
    claimed_by VARCHAR NOT NULL,
    claimed_at TIMESTAMP,
    attempts INTEGER NOT NULL,
    posted_channel VARCHAR NOT NULL,
    ts VARCHAR NOT NULL,
    problem VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    x_source VARCHAR NOT NULL,
    x_created_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    PRIMARY KEY (incident_id, notify_reason, charge_period_start, channel)
)
