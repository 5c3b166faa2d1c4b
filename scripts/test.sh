#!/bin/sh
# Every test, on all cores, warnings as errors; then coverage with a floor for the core packages.
set -eu
cd "$(dirname "$0")/.."
bin=.venv/bin
rm -f .coverage .coverage.*
$bin/python -m pytest -q -n auto --dist loadgroup --cov=afterdose --cov-branch --cov-report= \
    --doctest-modules src tests --ignore tests/browser "$@"
# A browser is driven from an event loop that stays; tests with a loop of their own run apart.
$bin/python -m pytest -q -n auto --dist loadgroup --cov=afterdose --cov-branch --cov-report= \
    --cov-append tests/browser
$bin/coverage report --fail-under=80 --format=total > /dev/null
for package in record monitoring ingest outcomes; do
    printf 'Coverage of %s: ' "$package"
    $bin/coverage report --include="src/afterdose/$package/*" --fail-under=95 --format=total
done
