"""What districts send: templates out, workbooks and tables in, every fault named at its cell."""
