"""`python -m strandline`: the command line where scripts are not on the path."""

from strandline.cli import main

main()
