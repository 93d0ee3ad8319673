-- What the usage of every account x service cost on a day: kept by the landing for days with so many rows
-- (x_summed in cloud_cost_totals) that adding them up for every verdict takes longer than judging them.
CREATE TABLE IF NOT EXISTS usage_sums (
    charge_period_start DATE NOT NULL,
    sub_account_id VARCHAR NOT NULL,
    service_name VARCHAR NOT NULL,
    billing_currency VARCHAR NOT NULL,
    effective_cost DECIMAL(38, 12) NOT NULL,
    x_costs INTEGER NOT NULL,
    x_source VARCHAR NOT NULL
)
