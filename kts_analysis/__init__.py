"""Progress of areas toward digital-economy and digital-society targets."""
