"""What is known about people: table specifications, analytes, units, partial dates, errors."""
