"""The order of the manual: chapters, and the spec files that are their sections."""

CHAPTERS = {
    "What must be tested, and when": [
        "test_due_dates",
        "test_stated_times",
        "test_results_that_count",
        "test_end_and_retreatment",
        "test_around_a_course",
        "test_who_is_followed",
        "test_whose_move",
    ],
    "Which results need action": [
        "test_limits",
        "test_changes",
        "test_combinations",
        "test_lasting_states",
        "test_grades",
        "test_episodes",
        "test_confirmation",
        "test_expected_findings",
    ],
    "What was known, and when": [
        "test_two_clocks",
        "test_corrections",
        "test_copies",
        "test_data_problems",
    ],
    "The worklist": [
        "test_worklist",
        "test_switching",
        "test_standing",
    ],
    "Disability that is confirmed": [
        "test_disability_steps",
        "test_disability_confirmation",
        "test_disability_reference",
        "test_disability_relapses",
        "test_disability_intercurrent",
        "test_disability_data",
    ],
}
