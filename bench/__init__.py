"""`make bench`: the measurements of docs/figures.md, ours beside the machine's own floor in the same run."""
