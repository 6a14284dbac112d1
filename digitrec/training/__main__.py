"""``python -m digitrec.training``: the model lab."""

import sys

from digitrec.training.commands import main

if __name__ == "__main__":
    sys.exit(main())
