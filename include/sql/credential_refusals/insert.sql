INSERT INTO credential_refusals (
    credential,
    claimed_by,
    told,
    x_refused_at
)
VALUES (
    :credential,
    :claimed_by,
    :told,
    :refused_at
)
