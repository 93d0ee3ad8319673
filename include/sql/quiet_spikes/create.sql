-- Spikes of the newest verdicts that nobody is told of: planned, or muted, in the words of who said so.
CREATE TABLE IF NOT EXISTS quiet_spikes (
    spike_id VARCHAR NOT NULL PRIMARY KEY,
    charge_period_start DATE NOT NULL,
    x_kind VARCHAR NOT NULL,
    x_pattern VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    x_owner VARCHAR NOT NULL,
    quiet_until DATE NOT NULL,
    x_source VARCHAR NOT NULL
)
