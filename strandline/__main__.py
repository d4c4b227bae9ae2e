"""`python -m strandline`: the command line where scripts are not on the path."""

from strandline.cli import main

if __name__ == "__main__":
    main()
