"""What a deployment in containers runs once, and how a container of ours starts."""
