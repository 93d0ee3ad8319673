CREATE TEMPORARY TABLE landing_sums (
    charge_period_start DATE NOT NULL,
    sub_account_id VARCHAR NOT NULL,
    service_name VARCHAR NOT NULL,
    billing_currency VARCHAR NOT NULL,
    effective_cost DECIMAL(38, 12) NOT NULL,
    x_costs INTEGER NOT NULL
)
