-- Names are hashed: Postgres refuses index rows above 2,704 bytes, and an AWS name can be longer.
CREATE UNIQUE INDEX IF NOT EXISTS cloud_costs_key ON cloud_costs (
    charge_period_start,
    md5(sub_account_id),
    md5(service_name),
    md5(region_id),
    md5(sku_meter),
    md5(x_charge_type),
    md5(billing_currency),
    x_source
)
