"""Results and scenarios told in words and tables, for a terminal and for other programs."""
