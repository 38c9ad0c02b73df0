"""What districts send: workbooks and tables read safely, templates written, faults marked."""
