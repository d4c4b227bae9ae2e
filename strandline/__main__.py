"""`python -m strandline`, for where scripts are not installed."""

from strandline.cli import main

main()
