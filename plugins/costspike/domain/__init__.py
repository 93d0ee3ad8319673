"""Pure rules: no I/O, no clock, no environment, no configuration is read here."""
