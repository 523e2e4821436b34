"""The command line: thin, one file a group of commands, everything imported inside them."""
