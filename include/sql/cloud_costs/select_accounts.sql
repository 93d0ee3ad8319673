-- The latest name of every account, and the accounts that had usage since a day.
SELECT
    sub_account_id,
    MAX(sub_account_name) AS sub_account_name
FROM cloud_costs
WHERE
    charge_period_start >= :since
    AND x_source = :source
    AND sub_account_id <> ''
GROUP BY sub_account_id
ORDER BY sub_account_id
