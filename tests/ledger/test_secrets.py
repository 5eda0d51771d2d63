"""Wrapping of data keys: bound to their row, readable after rotation, never by another node."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given, strategies as st

from ledger.errors import SecretUnreadableError
from ledger.ids import new_id
from ledger.sealing import DataKey, Profile
from ledger.secrets import KeyRing

BOTH = pytest.mark.parametrize("profile", list(Profile))


class TestKeyRing:
    @BOTH
    def test_unwraps_what_it_wrapped(self, profile: Profile) -> None:
        ring, owner, key = KeyRing(secrets.token_bytes(32)), new_id(), DataKey.fresh(profile)
        wrapped = ring.wrap("object", owner, key)
        assert ring.unwrap("object", owner, wrapped) == key
        assert key.key not in wrapped

    @BOTH
    def test_a_row_moved_to_another_owner_or_kind_is_refused(self, profile: Profile) -> None:
        ring, owner = KeyRing(secrets.token_bytes(32)), new_id()
        wrapped = ring.wrap("object", owner, DataKey.fresh(profile))
        for kind, other in (("object", new_id()), ("record", owner)):
            with pytest.raises(SecretUnreadableError):
                ring.unwrap(kind, other, wrapped)

    @BOTH
    @given(data=st.data())
    def test_any_changed_byte_or_length_is_refused(self, profile: Profile, data: st.DataObject) -> None:
        ring, owner = KeyRing(b"k" * 32), new_id()
        wrapped = ring.wrap("object", owner, DataKey.fresh(profile))
        place = data.draw(st.integers(0, len(wrapped) - 1))
        changed = bytearray(wrapped)
        changed[place] ^= data.draw(st.integers(1, 255))
        for wrong in (bytes(changed), wrapped[:place], wrapped + b"\0"):
            with pytest.raises(SecretUnreadableError):
                ring.unwrap("object", owner, wrong)

    def test_another_nodes_key_is_named_unknown(self) -> None:
        owner = new_id()
        wrapped = KeyRing(b"a" * 32).wrap("object", owner, DataKey.fresh(Profile.INTL))
        with pytest.raises(SecretUnreadableError) as caught:
            KeyRing(b"b" * 32).unwrap("object", owner, wrapped)
        assert caught.value.fields["reason"] == "unknown key"

    @BOTH
    def test_rotation_keeps_old_rows_readable_and_renews_them(self, profile: Profile) -> None:
        old, new, owner, key = b"a" * 32, b"b" * 32, new_id(), DataKey.fresh(profile)
        wrapped = KeyRing(old).wrap("object", owner, key)
        both = KeyRing(new, older=[old])
        assert both.unwrap("object", owner, wrapped) == key
        assert not both.is_current(wrapped)
        renewed = both.rewrap("object", owner, wrapped)
        assert both.is_current(renewed)
        assert KeyRing(new).unwrap("object", owner, renewed) == key

    def test_rejects_a_short_secret(self) -> None:
        with pytest.raises(ValueError, match="32 bytes"):
            KeyRing(b"short")

    def test_shows_nothing(self) -> None:
        assert repr(KeyRing(b"k" * 32)) == "KeyRing(1 keys)"
