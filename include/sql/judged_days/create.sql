-- The days that were judged, those without a spike too: silence is a verdict.
CREATE TABLE IF NOT EXISTS judged_days (
    charge_period_start DATE NOT NULL,
    x_source VARCHAR NOT NULL,
    spikes INTEGER NOT NULL,
    x_judged_at TIMESTAMP NOT NULL,
    x_run_id VARCHAR NOT NULL,
    PRIMARY KEY (charge_period_start, x_source)
)
