"""Files of e-licences: PDF and OFD made, sealed, copied with a remark, and checked."""
