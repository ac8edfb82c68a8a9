-- For wrk: each request is a visitor's. Environment: CASE (same, many, one), SLUGS (a file, one a line), RUN (0..200).
local case, run, slugs = os.getenv('CASE'), tonumber(os.getenv('RUN')), {}
for slug in io.lines(os.getenv('SLUGS')) do slugs[#slugs + 1] = slug end
local agent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'
local threads, count = 0, 0

function setup(thread)
  thread:set('id', threads)
  threads = threads + 1
end

function request()
  count = count + 1
  local number = count * 2 + id
  local slug = case == 'many' and slugs[number % #slugs + 1] or slugs[1]
  local address = '10.0.0.1'
  if case ~= 'same' then
    address = string.format('%d.%d.%d.%d', 11 + run, math.floor(number / 65536) % 256, math.floor(number / 256) % 256, number % 256)
  end
  return wrk.format('GET', '/' .. slug, {['User-Agent'] = agent, ['X-Forwarded-For'] = address, ['Accept-Language'] = 'en'})
end
