-- Every change of an amount that had been landed before; an empty side means that the row was not there.
CREATE TABLE IF NOT EXISTS cloud_cost_revisions (
    charge_period_start DATE NOT NULL,
    sub_account_id VARCHAR NOT NULL,
    service_name VARCHAR NOT NULL,
    region_id VARCHAR NOT NULL,
    sku_meter VARCHAR NOT NULL,
    x_charge_type VARCHAR NOT NULL,
    billing_currency VARCHAR NOT NULL,
    x_source VARCHAR NOT NULL,
    x_change VARCHAR NOT NULL,
    old_billed_cost DECIMAL(38, 12),
    new_billed_cost DECIMAL(38, 12),
    old_effective_cost DECIMAL(38, 12),
    new_effective_cost DECIMAL(38, 12),
    x_observed_at TIMESTAMP NOT NULL,
    x_run_id VARCHAR NOT NULL
)
