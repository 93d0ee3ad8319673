CREATE TEMPORARY TABLE landing_totals (
    charge_period_start DATE NOT NULL,
    billing_currency VARCHAR NOT NULL,
    billed_cost DECIMAL(38, 12) NOT NULL,
    effective_cost DECIMAL(38, 12) NOT NULL,
    x_groups INTEGER NOT NULL,
    x_grain VARCHAR NOT NULL,
    x_estimated BOOLEAN NOT NULL,
    x_summed BOOLEAN NOT NULL
)
