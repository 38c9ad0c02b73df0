"""How good past projections would have been: rolling origins on any panel."""
