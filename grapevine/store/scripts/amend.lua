-- Changes a member's record if there is one: an erased one is not brought back, and one being erased stays gone.
-- KEYS[1] record (hash); ARGV: field, value, field, value, …; an empty value removes the field
-- returns 1, or 0 when there is nothing to change
if redis.call('HEXISTS', KEYS[1], 'team') == 0 or redis.call('HEXISTS', KEYS[1], 'erasing') == 1 then return 0 end
for i = 1, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return 1
