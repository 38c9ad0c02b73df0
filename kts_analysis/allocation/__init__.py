"""Sharing a province's target out to its areas, so that their targets add up to it."""
