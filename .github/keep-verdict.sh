#!/bin/sh
# Runs a command whose exit code may be a verdict, and writes the verdict to the output VERDICT_EXIT of the step:
# 0 passed, 2 a gate says no, 3 could not be judged (docs/decisions/0004-exit-codes.md).
# With these codes the step succeeds, so that a regression does not look like a broken job; the outcome jobs tell them apart.
# Any other code makes the step fail.
# Example: sh .github/keep-verdict.sh npm run --silent bench:compare -- --help
verdict=0
"$@" || verdict=$?
case "$verdict" in
  0 | 2 | 3) echo "VERDICT_EXIT=$verdict" >>"$GITHUB_OUTPUT" ;;
  *) exit "$verdict" ;;
esac
