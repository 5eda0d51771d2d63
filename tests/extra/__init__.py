"""Tests that need tools beyond the install (`make test-extra`): a Java OFD reader, a PKCS #11 module."""
