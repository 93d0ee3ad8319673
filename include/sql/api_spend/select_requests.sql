SELECT COALESCE(SUM(requests), 0) AS requests
FROM api_spend
WHERE
    spent_at >= :since
    AND purpose = :purpose
