"""Every outbound call, one module a peer."""
