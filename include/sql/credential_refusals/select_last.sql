-- What the instances of one task in one run were told.
SELECT told
FROM credential_refusals
WHERE
    credential = :credential
    AND SUBSTR(claimed_by, 1, LENGTH(:claims)) = :claims
    AND x_refused_at >= :since
ORDER BY x_refused_at DESC
LIMIT 1
