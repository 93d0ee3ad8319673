"""What speaks for or against a cause of a spike: rows that code computed, each with the source it is from."""
