"""How the loops of the simulation are compiled."""

from __future__ import annotations

import os

# Read when numba is imported. The next level makes the loops no faster, and takes a fifth longer to compile them.
os.environ.setdefault("NUMBA_OPT", "1")

from numba import njit

__all__ = ["compiled_part", "njit"]

compiled_part = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For what only compiled functions call: a way in from Python takes longer to compile than most of them themselves."""
