"""How large a change of EDSS counts: two named rules, applied to the same two visits."""

from dataclasses import dataclass
from math import inf

from afterdose.outcomes.definitions import Definition
from afterdose.outcomes.disability import Against, EdssAtYear

_HAVRDOVA = (
    "Havrdova, et al. Neurology 2017;89:1107-1116, Methods. doi:10.1212/WNL.0000000000004313"
)


@dataclass(frozen=True, slots=True)
class EdssSteps(Definition):
    """The smallest change of EDSS that counts, by baseline; the same up and down.

    Attributes
    ----------
    from_zero, usual, high : float, unit EDSS point
        From a baseline of 0; from others; from ``high_from`` up.
    high_from : float, unit EDSS point
    """

    from_zero: float
    usual: float
    high: float
    high_from: float

    def step_at(self, baseline: float) -> float:
        """The step from ``baseline``.

        Examples
        --------
        >>> [HALF_FROM_5_5.step_at(score) for score in (0.0, 1.0, 5.0, 5.5)]
        [1.5, 1.0, 1.0, 0.5]
        """
        if baseline == 0:
            return self.from_zero
        return self.high if baseline >= self.high_from else self.usual

    def against(self, baseline: float, score: float) -> Against:
        """Better, same or worse than ``baseline``."""
        step = self.step_at(baseline)
        if score - baseline >= step:
            return Against.WORSE
        return Against.BETTER if baseline - score >= step else Against.SAME


WHOLE_POINT = EdssSteps(
    id="edss-steps-whole-point",
    title="EDSS steps: a whole point from every baseline above 0",
    words=(
        "1.5 points from a baseline of 0, 1.0 point from any other, for worse and for better. The "
        "two visits are those of the definition of EDSS at a year's end."
    ),
    source=f"{_HAVRDOVA}, for worsening; policy for improvement",
    from_zero=1.5,
    usual=1.0,
    high=1.0,
    high_from=inf,
)
HALF_FROM_5_5 = EdssSteps(
    id="edss-steps-half-from-5.5",
    title="EDSS steps: half a point from 5.5 up",
    words=(
        "1.5 points from a baseline of 0, 1.0 point from 1.0 to 5.0, 0.5 from 5.5 up, for worse "
        "and for better. The two visits are those of the definition of EDSS at a year's end."
    ),
    source="policy; the steps msprog and pymsprog 1.0.7 take unless told otherwise",
    from_zero=1.5,
    usual=1.0,
    high=0.5,
    high_from=5.5,
)
EDSS_STEPS = (WHOLE_POINT, HALF_FROM_5_5)


def evaluate_by_steps(edss: EdssAtYear, steps: EdssSteps) -> Against:
    """The same year's answer under another rule for the step.

    Parameters
    ----------
    edss : EdssAtYear
        Not assessable stays not assessable.
    steps : EdssSteps
    """
    if edss.change is None:
        return Against.NOT_ASSESSABLE
    baseline, score = edss.because.rows
    return steps.against(baseline.value, score.value)
