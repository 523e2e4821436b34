"""The bundled national tables, and distances, points and names on top of them.

``nation`` loads the tables, ``clinics`` shares provincial estimates out to towns, ``villages``
makes the points that no source has, ``regions`` finds a region by the name that
somebody wrote, ``distance`` and ``outline`` measure and draw. Where the tables come from is told
in ``NOTICE`` and ``tools/README.md``.
"""
