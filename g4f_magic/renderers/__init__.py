"""What shows chunks to a person: in a cell, in a terminal, or as plain text."""
