"""A report in the forms offices work with: Word, PDF, Excel."""
