"""Prometheus and what speaks its API: one client for queries and for remote write."""
