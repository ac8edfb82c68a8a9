-- Takes the price of reading some posts out of a month's budget; those that were read before on this day cost nothing.
-- KEYS: 1 the month's spending (hash), 2 the posts that were read on this day (set)
-- ARGV: 1 price of one, 2 what the month may come to with them (-1 = anything), 3 lifetimes of month and 4 day (s), 5… posts
-- returns those that were paid for now, after 1; 0 alone when the budget has no room for them all
local fresh = {}
for i = 5, #ARGV do
  if redis.call('SISMEMBER', KEYS[2], ARGV[i]) == 0 then fresh[#fresh + 1] = ARGV[i] end
end
local cost, bound = #fresh * tonumber(ARGV[1]), tonumber(ARGV[2])
if cost == 0 then return {1} end
if bound >= 0 and tonumber(redis.call('HGET', KEYS[1], 'spent') or '0') + cost > bound then return {0} end
redis.call('HINCRBY', KEYS[1], 'spent', cost)
redis.call('EXPIRE', KEYS[1], ARGV[3])
for _, post in ipairs(fresh) do redis.call('SADD', KEYS[2], post) end
redis.call('EXPIRE', KEYS[2], ARGV[4])
return {1, unpack(fresh)}
