-- Changes one account wholly, facts, gathering and token together, if nobody else did since the caller read it.
-- KEYS: 1 member's record, 2 accounts (hash), 3 gathering (hash), 4 tokens (hash)
-- ARGV: 1 account, 2 its facts as read ('' = none), 3 its facts from now on, 4 gathering ("1" or "0"),
--       5 'keep' or 'wipe' the token, or 'connect' with 6 the new one: which nobody can who left or was erased
-- returns "done", "changed" (read again) or "gone"
local account, connects = ARGV[1], ARGV[5] == 'connect'
if connects and redis.call('HEXISTS', KEYS[1], 'team') == 0 then return 'gone' end
if redis.call('HEXISTS', KEYS[1], 'erasing') == 1 then return 'gone' end
if connects and redis.call('HEXISTS', KEYS[1], 'left') == 1 then return 'gone' end
if (redis.call('HGET', KEYS[2], account) or '') ~= ARGV[2] then return 'changed' end
redis.call('HSET', KEYS[2], account, ARGV[3])
redis.call('HSET', KEYS[3], account, ARGV[4])
if connects then
  redis.call('HSET', KEYS[4], account, ARGV[6])
elseif ARGV[5] == 'wipe' then
  redis.call('HDEL', KEYS[4], account)
end
return 'done'
