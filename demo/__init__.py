"""The demo: a made-up organisation and local servers that speak the real protocols."""
