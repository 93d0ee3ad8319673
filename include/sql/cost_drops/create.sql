-- Scopes that cost far less than they should have: no spikes, and part of no incident.
CREATE TABLE IF NOT EXISTS cost_drops (
    drop_id VARCHAR NOT NULL PRIMARY KEY,
    charge_period_start DATE NOT NULL,
    x_scope VARCHAR NOT NULL,
    sub_account_id VARCHAR NOT NULL,
    service_name VARCHAR NOT NULL,
    billing_currency VARCHAR NOT NULL,
    actual_cost DECIMAL(38, 12) NOT NULL,
    expected_cost DECIMAL(38, 12) NOT NULL,
    expected_low DECIMAL(38, 12) NOT NULL,
    x_lowest_cost DECIMAL(38, 12) NOT NULL,
    gates VARCHAR NOT NULL,
    x_source VARCHAR NOT NULL,
    x_detected_at TIMESTAMP NOT NULL,
    x_run_id VARCHAR NOT NULL
)
