"""For planners in JupyterLab: choose, look, compare, assume, and take the picture along."""
