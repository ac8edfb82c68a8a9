-- Takes the news that a member is to be told, at most once an interval.
-- KEYS[1] news (hash: share -> new uniques), KEYS[2] told (hash: at, pending, since)
-- ARGV: now (s), interval (s), 1 = only forget the news (the member has seen them on Home)
-- returns nil when there is nothing to tell or it is too early, else the news as a flat list
local news = redis.call('HGETALL', KEYS[1])
if ARGV[3] == '1' then
  redis.call('DEL', KEYS[1])
  redis.call('HDEL', KEYS[2], 'pending')
  return news
end
local at = tonumber(redis.call('HGET', KEYS[2], 'at') or '0')
if tonumber(ARGV[1]) < at + tonumber(ARGV[2]) then return false end
-- what a crashed teller took and never confirmed is told with what has come since
local pending = redis.call('HGET', KEYS[2], 'pending')
local sum = {}
if pending then sum = cjson.decode(pending) end
for i = 1, #news, 2 do sum[news[i]] = (sum[news[i]] or 0) + tonumber(news[i + 1]) end
local flat = {}
for share, count in pairs(sum) do flat[#flat + 1] = share; flat[#flat + 1] = tostring(count) end
if #flat == 0 then return false end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[2], 'at', ARGV[1], 'pending', cjson.encode(sum))
return flat
