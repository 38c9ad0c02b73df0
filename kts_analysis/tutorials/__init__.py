"""What the tutorial notebooks need: a temporary desk to work at, and a template to fill in."""
