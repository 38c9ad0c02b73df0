"""What the cells of a workbook mean: numbers, periods and places as people really type them."""
