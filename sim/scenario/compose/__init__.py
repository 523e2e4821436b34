"""Composition: scenario files that extend another file, or include others as they are.

Everything here works on documents, as TOML gives them, before they are validated; beside each
document goes a map of where its parts stand, so that a problem of text that came from another file
is told with that file's line and column.
"""
