-- Settles a batch of clicks of one share wholly and once: visitors, receipt, days, news (design §4; rules 1, 5, 6, 7).
-- Visitors are a cascade of intsets: a node holds at most 511 signed 64-bit tags (8 bytes each; the 513th would make it
-- a hash table of 70); a new tag goes to the first node on its path that is not full, and never moves.
-- KEYS: 1 receipt, 2 gathering, 3 batch, 4 share's days, 5 member's days, 6 news, 7 visitors (root),
--       then for each click that has a tag: its cap key, and if `deep` its nodes of levels 1, 2, …
-- ARGV: 1 number of the batch, 2 seconds to remember it, 3 share, 4 visitor cap, 5 levels passed (0 = not deep),
--       6 clicks with a tag, 7 the clicks, a line each, their fields parted by tabs:
--       row ("" = the visitor decides), network, account, day, time, tag; 8 "1" when there are no deeper levels
-- returns the rows, "" for a click that is not gathered; or {"closed"}, {"done"} (settled before), {"deep"} (call again
-- with one level more): nothing was changed then
local call, CAPACITY, HOUR = redis.call, 511, 3600
if call('HGET', KEYS[1], 'open') ~= '1' then return {'closed'} end
local last = call('GET', KEYS[3])
if last and tonumber(last) >= tonumber(ARGV[1]) then return {'done'} end
local root, cap, levels = KEYS[7], tonumber(ARGV[4]), tonumber(ARGV[5])
local size = call('SCARD', root)
if size + tonumber(ARGV[6]) > CAPACITY then
  if levels == 0 then return {'deep'} end
  -- before anything is written: does the deepest node of each path have room for all who might go there?
  local more = {}
  for i = 7 + 1 + levels, #KEYS, 1 + levels do
    local node = KEYS[i]
    more[node] = (more[node] or call('SCARD', node)) + 1
    if more[node] > CAPACITY and ARGV[8] ~= '1' then return {'deep'} end
  end
end

-- the node that a new visitor belongs into, nil for one who was here before; first = index of the level-1 node
local function place(tag, first)
  if call('SISMEMBER', root, tag) == 1 then return nil end
  if size < CAPACITY then return root end
  for i = first, first + levels - 1 do
    if call('SISMEMBER', KEYS[i], tag) == 1 then return nil end
    if i == first + levels - 1 or call('SCARD', KEYS[i]) < CAPACITY then return KEYS[i] end
  end
end

local gathering, rows, counts, networks, days = {[''] = true}, {}, {}, {}, {}
local uniques, latest, key = 0, 0, 8
for line in string.gmatch(ARGV[7], '[^\n]+') do
  local row, network, account, day, at, tag = string.match(line, '(.-)\t(.-)\t(.-)\t(.-)\t(.-)\t(.*)')
  if gathering[account] == nil then gathering[account] = call('HGET', KEYS[2], account) == '1' end
  local mine = key
  if tag ~= '' then key = key + 1 + levels end
  if not gathering[account] then
    row = ''
  elseif row == '' then
    local node = place(tag, mine + 1)
    if not node then
      row = 'repeat'
    elseif tonumber(call('GET', KEYS[mine]) or '0') >= cap then
      row = 'capped'
    else
      row = 'unique'
      call('SADD', node, tag)
      if node == root then size = size + 1 end
      if call('INCR', KEYS[mine]) == 1 then call('EXPIRE', KEYS[mine], HOUR) end
      uniques, latest = uniques + 1, math.max(latest, tonumber(at))
      networks[network] = (networks[network] or 0) + 1
      days[day] = (days[day] or 0) + 1
    end
  end
  rows[#rows + 1] = row
  if row ~= '' then counts[row] = (counts[row] or 0) + 1 end
end

for row, count in pairs(counts) do call('HINCRBY', KEYS[1], row, count) end
if uniques > 0 then
  for network, count in pairs(networks) do call('HINCRBY', KEYS[1], 'u:' .. network, count) end
  for day, count in pairs(days) do
    call('HINCRBY', KEYS[4], day, count)
    call('HINCRBY', KEYS[5], day, count)
  end
  call('HINCRBY', KEYS[6], ARGV[3], uniques)
  if latest > tonumber(call('HGET', KEYS[1], 'last') or '0') then
    call('HSET', KEYS[1], 'last', string.format('%d', latest))
  end
end
call('SET', KEYS[3], ARGV[1], 'EX', ARGV[2])
return rows
