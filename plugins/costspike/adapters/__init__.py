"""One package or file per outside system; they do not know of each other."""
