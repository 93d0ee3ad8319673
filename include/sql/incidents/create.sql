-- Spike days of one cause, folded again with every verdict: the same rows, whatever the order of the runs.
-- raised_days counts those that cost more than expected, with a spike of their own or not; impact sums them.
CREATE TABLE IF NOT EXISTS incidents (
    incident_id VARCHAR NOT NULL PRIMARY KEY,
    x_state VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    x_scope VARCHAR NOT NULL,
    sub_account_id VARCHAR NOT NULL,
    service_name VARCHAR NOT NULL,
    sku_meter VARCHAR NOT NULL,
    region_id VARCHAR NOT NULL,
    billing_currency VARCHAR NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    last_spike_day DATE NOT NULL,
    closed_on DATE,
    raised_days INTEGER NOT NULL,
    spikes INTEGER NOT NULL,
    withdrawn_spikes INTEGER NOT NULL,
    impact DECIMAL(38, 12) NOT NULL,
    withdrawn_impact DECIMAL(38, 12) NOT NULL,
    peak_day DATE NOT NULL,
    peak_impact DECIMAL(38, 12) NOT NULL,
    x_source VARCHAR NOT NULL
)
