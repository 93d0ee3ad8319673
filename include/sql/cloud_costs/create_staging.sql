CREATE TEMPORARY TABLE landing (
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
    x_estimated BOOLEAN NOT NULL
)
