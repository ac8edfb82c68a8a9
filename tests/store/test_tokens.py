"""Rule 21: tokens are encrypted at rest; the first key encrypts, all decrypt."""

import pytest
from cryptography.fernet import Fernet

from grapevine.store import Store, keys
from tests.people import BEA
from tests.store.full import account

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


async def test_rule_21_what_is_at_rest_is_encrypted(store: Store) -> None:
    bea = await BEA.joins(store)
    await store.accounts.connect(bea, account(BEA), "sesame")
    kept = await store.redis.hget(keys.tokens(bea.id), account(BEA).id)
    assert kept
    assert "sesame" not in kept
    assert await store.tokens.get(bea.id, account(BEA).id) == "sesame"


async def test_rule_21_a_new_key_encrypts_and_the_old_one_still_decrypts(redis_url: str) -> None:
    before, after, lost = (
        Store.open(redis_url, encryption_keys=[OLD]),
        Store.open(redis_url, encryption_keys=[NEW, OLD]),
        Store.open(redis_url, encryption_keys=[NEW]),
    )
    bea, mine = await BEA.joins(before), account(BEA).id
    await before.accounts.connect(bea, account(BEA), "sesame")
    assert await after.tokens.get(bea.id, mine) == "sesame"
    assert await lost.tokens.get(bea.id, mine) is None
    assert await after.tokens.keep(bea.id, mine, "sesame 2", before="sesame")
    assert await lost.tokens.get(bea.id, mine) == "sesame 2"
    assert await before.tokens.get(bea.id, mine) is None
    for one in (before, after, lost):
        await one.close()


@pytest.mark.parametrize("kept", ["plain", "gAAAAA", "ünreadable", " ", "gAAAAAB" + "x" * 100])
async def test_what_no_key_opens_is_none(store: Store, kept: str) -> None:
    assert store.tokens.decrypt(kept) is None


async def test_without_keys_a_token_is_neither_kept_nor_read_but_wiped(store: Store, redis_url: str) -> None:
    bea = await BEA.joins(store)
    await store.accounts.connect(bea, account(BEA), "sesame")
    keyless = Store.open(redis_url)
    with pytest.raises(RuntimeError, match="ENCRYPTION_KEYS"):
        await keyless.tokens.get(bea.id, account(BEA).id)
    with pytest.raises(RuntimeError, match="ENCRYPTION_KEYS"):
        await keyless.accounts.connect(bea, account(BEA, "x"), "sesame")
    assert await keyless.redis.get(keys.owner_of(bea.team, account(BEA, "x").id)) is None
    await keyless.tokens.wipe(bea.id, account(BEA).id)
    await keyless.close()
    assert await store.tokens.get(bea.id, account(BEA).id) is None


async def test_rule_22_a_renewed_token_does_not_come_back_after_it_was_wiped(store: Store) -> None:
    bea = await BEA.joins(store)
    await store.accounts.connect(bea, account(BEA), "sesame")
    await store.accounts.disconnect(bea, account(BEA).id)
    assert not await store.tokens.keep(bea.id, account(BEA).id, "renewed", before="sesame")
    assert await store.redis.exists(keys.tokens(bea.id)) == 0
    await store.accounts.connect(bea, account(BEA, reach=1), "sesame")
    assert await store.tokens.keep(bea.id, account(BEA).id, "renewed", before="sesame")
    assert await store.tokens.get(bea.id, account(BEA).id) == "renewed"


async def test_what_was_renewed_does_not_take_the_place_of_a_connection_made_since(store: Store) -> None:
    bea = await BEA.joins(store)
    await store.accounts.connect(bea, account(BEA), "sesame")
    await store.accounts.connect(bea, account(BEA, reach=1), "connected anew")
    assert not await store.tokens.keep(bea.id, account(BEA).id, "renewed", before="sesame")
    assert await store.tokens.get(bea.id, account(BEA).id) == "connected anew"
