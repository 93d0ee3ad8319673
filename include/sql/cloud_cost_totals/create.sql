-- What Cost Explorer says a day cost in all, asked without a group: the groups have to sum to it.
-- A day that was asked for and had no group has a row too (x_groups = 0): asked is not the same as missing.
-- x_summed: the day has so many groups that usage_sums holds its sums.
CREATE TABLE IF NOT EXISTS cloud_cost_totals (
    charge_period_start DATE NOT NULL,
    billing_currency VARCHAR NOT NULL,
    x_source VARCHAR NOT NULL,
    billed_cost DECIMAL(38, 12) NOT NULL,
    effective_cost DECIMAL(38, 12) NOT NULL,
    x_groups INTEGER NOT NULL,
    x_grain VARCHAR NOT NULL,
    x_estimated BOOLEAN NOT NULL,
    x_summed BOOLEAN NOT NULL,
    x_observed_at TIMESTAMP NOT NULL,
    x_run_id VARCHAR NOT NULL,
    PRIMARY KEY (charge_period_start, billing_currency, x_source)
)
