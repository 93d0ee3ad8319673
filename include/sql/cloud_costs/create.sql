-- One row a day, account, service, region, usage type, charge type and currency: the current value.
-- The key is checked in the landing transaction and by checks/unique_key.sql: an index over names of any
-- length is not portable, and costs DuckDB more than the landing itself.
CREATE TABLE IF NOT EXISTS cloud_costs (
    charge_period_start DATE NOT NULL,
    charge_period_end DATE NOT NULL,
    sub_account_id VARCHAR NOT NULL,
    sub_account_name VARCHAR NOT NULL,
    service_name VARCHAR NOT NULL,
    region_id VARCHAR NOT NULL,
    sku_meter VARCHAR NOT NULL,
    x_charge_type VARCHAR NOT NULL,
    billing_currency VARCHAR NOT NULL,
    billed_cost DECIMAL(38, 12) NOT NULL,
    effective_cost DECIMAL(38, 12) NOT NULL,
    x_cost_basis VARCHAR NOT NULL,
    consumed_quantity DECIMAL(38, 12),
    consumed_unit VARCHAR NOT NULL,
    x_estimated BOOLEAN NOT NULL,
    x_source VARCHAR NOT NULL,
    x_observed_at TIMESTAMP NOT NULL,
    x_run_id VARCHAR NOT NULL
)
