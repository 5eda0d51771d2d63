"""Licences as verifiable credentials: SD-JWT VC (RFC 9901), its key binding, its type metadata, its status list."""
