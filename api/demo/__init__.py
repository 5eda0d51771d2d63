"""The demonstration: synthetic people, files and the story that `make demo` tells."""
