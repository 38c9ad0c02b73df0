"""Documents of a report beside its page: Word, PDF, workbooks, each from one neutral content."""
