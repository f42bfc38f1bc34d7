"""`python -m thousand.cli` is `thousand`."""

from thousand.cli import main

main()
