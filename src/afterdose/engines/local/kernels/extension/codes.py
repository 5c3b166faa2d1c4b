"""Answers and categories as kernels write them: positions in the tuples of `engines.extension`.

They stand here as numbers because kernels are compiled with them, and a kept kernel is one of this
folder's sources. A test holds them to those tuples.
"""

NO_YEAR = -1
NOBODY_KNOWS = -1
"""In the place of what ended a time at risk, or of a number: not assessable."""

MET, NOT_MET, NOT_ASSESSABLE = 0, 1, 2
EVENT, DEATH, OBSERVATION = 0, 1, 2
BETTER, SAME, WORSE, NO_COMPARISON = 0, 1, 2, 3
NEVER_ILL, ILL, NEVER_ASKED = 0, 1, 2
NOT_ENDED, DIED, NOT_STATED = -1, 6, 7

NOTHING = 0
NO_SCAN, EVERY_T2, CLOSING_GD = 1, 2, 3
"""What MRI activity lacks."""
NO_FIRST, NO_LAST, NO_VOLUME, NOT_RECORDED = 1, 2, 3, 4
OTHER_METHOD, OTHER_SCANNER, BROKEN, TOO_NEAR = 5, 6, 7, 8
"""What a change of volume lacks."""

RELAPSE, WORSENING, MRI, ATROPHY = 1, 2, 4, 8
"""Components of NEDA, a bit each."""
