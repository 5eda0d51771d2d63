"""What is decided, changed or paid without an application at a window: rules as data, facts with their sources."""
