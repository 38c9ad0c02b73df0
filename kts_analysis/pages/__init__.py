"""What a report page says: one class a kind of page, each method one part of it."""
