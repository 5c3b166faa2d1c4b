"""How many examples a drawn test looks at: few every day, many under ``make fuzz``."""

import os

from hypothesis import settings

TIMES = int(os.environ.get("AFTERDOSE_EXAMPLES_TIMES", "1"))


def examples(count: int) -> settings:
    """Settings for a test that draws ``count`` examples every day."""
    return settings(max_examples=count * TIMES, deadline=None)
