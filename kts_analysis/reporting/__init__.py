"""A run: its units planned, executed by papermill, written as pages, moved into place whole."""
