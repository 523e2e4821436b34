"""Figures of finished results. They read result folders and never run anything again.

Every ``plot_x(result, *, ax=None)`` draws on the axes given, or on a figure of its own, and returns
the axes: ``curves`` (goods dispatched, received and in transit), ``coverage``, ``countymap``,
``use`` (vehicles and stations), ``verdicts``, and ``compare`` for several results. ``gallery``
writes them all as PNG and SVG, each with the CSV of what it draws.
"""
