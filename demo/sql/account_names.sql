SELECT
    sub_account_id AS account_id,
    MAX(sub_account_name) AS account_name
FROM cloud_costs
GROUP BY sub_account_id
