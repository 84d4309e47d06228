"""Why a survey cannot be answered through the link that somebody holds."""

from shared.refusals import IllegalTransition, Unknown


class LinkUnknown(Unknown):
    """Nobody was sent this link."""

    def __init__(self) -> None:
        super().__init__("unknown_link", detail="there is no such survey", expected="the link as it was sent")


class SurveyCounted(IllegalTransition):
    """It was answered before, and counts once (R366)."""

    def __init__(self) -> None:
        super().__init__("survey_answered", detail="the survey was answered already", expected="nothing more")


class SurveyOver(IllegalTransition):
    """Its time is over, or nobody may ask this customer any more."""

    def __init__(self) -> None:
        super().__init__("survey_over", detail="the survey cannot be answered any more", expected="nothing more")
