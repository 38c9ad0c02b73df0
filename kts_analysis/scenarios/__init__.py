"""Scenarios: what the same predictive distribution says under an assumption, beside no change."""
