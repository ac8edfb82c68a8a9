-- Closes a share for clicks: its numbers stay; its salt, and what tells batches apart, are destroyed. One that is gone is not brought back.
-- KEYS[1] receipt (hash)
-- returns 1, or 0 when it gathered nothing
if redis.call('HGET', KEYS[1], 'open') ~= '1' then return 0 end
redis.call('HSET', KEYS[1], 'open', '0')
redis.call('HDEL', KEYS[1], 'salt')
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(field, 1, 2) == 'b:' then redis.call('HDEL', KEYS[1], field) end
end
return 1
