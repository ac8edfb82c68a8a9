-- Keeps a new share, once; nobody shares who left or was erased, and no share takes the place of another one.
-- KEYS: 1 member's record, 2 share, 3 statuses (hash), 4 receipt (hash), 5 shares (sorted set), 6 reach by day (hash),
--       7 shared offers (hash), 8 slugs of shares still to be made (set)
-- ARGV: 1 share, 2 share's id, 3 when, 4 salt ('' = no clicks are gathered), 5 when (whole s), 6 day, 7 reach,
--       8 offer ('' = none), 9 how many statuses; then network, status, …; then slugs
-- returns "made" (now or before), "taken" or "gone"
local call = redis.call
if call('HEXISTS', KEYS[1], 'team') == 0 or call('HEXISTS', KEYS[1], 'left') == 1 then return 'gone' end
local before = call('GET', KEYS[2])
if before then return before == ARGV[1] and 'made' or 'taken' end
call('SET', KEYS[2], ARGV[1])
local slugs = 10 + 2 * tonumber(ARGV[9])
for i = 10, slugs - 1, 2 do call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end
if ARGV[4] ~= '' then call('HSET', KEYS[4], 'open', '1', 'salt', ARGV[4], 'born', ARGV[5]) end
call('ZADD', KEYS[5], ARGV[3], ARGV[2])
call('HINCRBY', KEYS[6], ARGV[6], ARGV[7])
if ARGV[8] ~= '' then call('HSET', KEYS[7], ARGV[8], ARGV[2]) end
for i = slugs, #ARGV do call('SREM', KEYS[8], ARGV[i]) end
return 'made'
