-- Postgres cannot know how few rows an absolute amount leaves, and would compile for a third of the time.
SET LOCAL jit TO off
