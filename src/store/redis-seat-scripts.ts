/**
 * The Lua of seats in Redis: for each pool some sorted sets and hashes in one cluster slot. Scripts
 * make each step atomic and ask Redis for the time, so that the clocks of the gateway's processes do
 * not matter.
 *
 * `begins` and `ends` hold the leases, `afar` those of them whose holders are not on site, `kept`
 * those that nobody has used yet, with the time since which their holders had waited; `queue` holds
 * who waits, `seen` until when they count as there, `about` since when they wait and where they are;
 * `turns` the latest ends of leases.
 * @module
 */
import { limits } from '../core/limits.ts'
import { luaScript } from './redis-link.ts'

/** What a pool is kept in, in the order of the scripts' KEYS. */
export const seatKeys = [
  'seat-begins',
  'seat-ends',
  'seat-afar',
  'seat-kept',
  'seat-queue',
  'seat-seen',
  'seat-about',
  'seat-turns',
] as const

/** Where it is told of leases that are worth less now than somebody may remember. */
export const seatChannel = 'darbaza:seats'

const { seatEnds, seatEndsLeast, seatEndsMs } = limits.store

/**
 * Removes what has ended, and waiters of whom nothing was heard. ARGV begins with the holder and what
 * is told of their lease. `pcall`, because a login that may not publish must not leave half a step
 * behind: then nobody hears anything, and believes accordingly.
 */
const prelude = `
  local begins, ends, afar, kept = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
  local queue, seen, about, turns = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
  local call = redis.call
  local time = call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)

  local function drop(holder)
    call('ZREM', begins, holder)
    call('ZREM', afar, holder)
    call('HDEL', kept, holder)
    return call('ZREM', ends, holder)
  end
  local function turn(at)
    call('LPUSH', turns, at)
    call('LTRIM', turns, 0, ${seatEnds - 1})
    call('PEXPIRE', turns, ${seatEndsMs})
  end
  local function tell() redis.pcall('PUBLISH', '${seatChannel}', ARGV[2]) end
  local function quit(holder)
    call('ZREM', seen, holder)
    call('HDEL', about, holder)
    return call('ZREM', queue, holder)
  end

  local ended = call('ZRANGEBYSCORE', ends, '-inf', now, 'WITHSCORES')
  for index = 1, #ended, 2 do
    drop(ended[index])
    turn(ended[index + 1])
  end
  for _, holder in ipairs(call('ZRANGEBYSCORE', seen, '-inf', now)) do quit(holder) end
`

/**
 * ARGV: holder, news, mode (take, renew, queue, join, stay), seats, reserved, 1 on site, idle time, hold
 * time, seen time, longest queue. Answers a word, the seats used, and what belongs to the word.
 */
export const askScript = luaScript(`${prelude}
  local holder, mode = ARGV[1], ARGV[3]
  local seats, reserved, here = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'
  local idle, hold = tonumber(ARGV[7]), tonumber(ARGV[8])
  local stay, most = tonumber(ARGV[9]), tonumber(ARGV[10])

  local function used() return call('ZCARD', begins) end
  local function general() return reserved == 0 or call('ZCARD', afar) < seats - reserved end
  local function fits(onSite) return used() < seats and (onSite or general()) end
  local function seat(who, onSite, last)
    call('ZADD', begins, 'NX', now, who)
    call('ZADD', ends, 'GT', last, who)
    if onSite then call('ZREM', afar, who) else call('ZADD', afar, 'NX', now, who) end
    local latest = call('ZRANGE', ends, -1, -1, 'WITHSCORES')[2]
    for index = 1, 4 do call('PEXPIREAT', KEYS[index], latest) end
  end
  local function advance()
    if used() >= seats then return end
    for _, who in ipairs(call('ZRANGE', queue, 0, -1)) do
      if used() >= seats then return end
      local told = call('HGET', about, who)
      local onSite = string.sub(told, 1, 1) == '1'
      if fits(onSite) then
        call('HSET', kept, who, string.sub(told, 2))
        quit(who)
        seat(who, onSite, now + hold)
      end
    end
  end
  -- own: a seat that counts here; apart: one that counts on site only.
  local function standing()
    local rank = call('ZRANK', begins, holder)
    if not rank then return 'none' end
    if rank < seats then
      if here or reserved == 0 then return 'own' end
      local place = call('ZRANK', afar, holder)
      if not place then return general() and 'own' or 'apart' end
      if place < seats - reserved then return 'own' end
    end
    drop(holder)
    tell()
    return 'none'
  end

  advance()
  local state = standing()
  if mode ~= 'join' and mode ~= 'stay' then
    if state == 'own' or (state == 'none' and mode ~= 'renew' and fits(here)) then
      local since = call('HGET', kept, holder)
      call('HDEL', kept, holder)
      quit(holder)
      if state == 'own' and here == (call('ZSCORE', afar, holder) ~= false) then tell() end
      seat(holder, here, now + idle)
      return { 'granted', used(), since and now - since or -1 }
    end
    if state == 'apart' then return { 'apart', used() } end
    if mode ~= 'queue' then return { 'refused', used() } end
  end
  if state ~= 'none' then return { 'held', used(), call('ZSCORE', ends, holder) - now } end

  local isNew = call('ZSCORE', queue, holder) == false
  if isNew then
    if mode == 'stay' then return { 'gone', used() } end
    local length = call('ZCARD', queue)
    if length >= most then return { 'crowded', used(), length } end
    local last = call('ZRANGE', queue, -1, -1, 'WITHSCORES')[2] or 0
    call('ZADD', queue, last + 1, holder)
    call('HSET', about, holder, (here and '1' or '0') .. now)
  else
    local since = string.sub(call('HGET', about, holder), 2)
    call('HSET', about, holder, (here and '1' or '0') .. since)
  end
  call('ZADD', seen, now + stay, holder)
  local latest = call('ZRANGE', seen, -1, -1, 'WITHSCORES')[2]
  for index = 5, 7 do call('PEXPIREAT', KEYS[index], latest) end
  advance()
  local last = call('ZSCORE', ends, holder)
  if last then return { 'held', used(), last - now } end
  local count, first = 0, now
  for _, at in ipairs(call('LRANGE', turns, 0, -1)) do
    if tonumber(at) > now - ${seatEndsMs} then
      count = count + 1
      first = math.min(first, tonumber(at))
    end
  end
  local pace = count >= ${seatEndsLeast} and math.floor((now - first) / count) or -1
  local place = call('ZRANK', queue, holder) + 1
  return { 'waiting', used(), isNew and 1 or 0, place, call('ZCARD', queue), pace }
`)

/** ARGV: holder, news. Answers whether they waited, or had a seat that nobody has used. */
export const leaveScript = luaScript(`${prelude}
  if call('HEXISTS', kept, ARGV[1]) == 0 then return quit(ARGV[1]) end
  turn(now)
  return drop(ARGV[1])
`)

/** ARGV: holder, news. Answers whether they held a seat. */
export const releaseScript = luaScript(`${prelude}
  quit(ARGV[1])
  local held = drop(ARGV[1])
  if held == 1 then
    turn(now)
    tell()
  end
  return held
`)

/** ARGV: holder, news, time left. Answers whether their lease ends sooner now. */
export const shortenScript = luaScript(`${prelude}
  local last, soon = tonumber(call('ZSCORE', ends, ARGV[1]) or 0), now + tonumber(ARGV[3])
  if last <= soon or call('HEXISTS', kept, ARGV[1]) == 1 then return 0 end
  call('ZADD', ends, 'XX', soon, ARGV[1])
  tell()
  return 1
`)

/** Answers holder, beginning, end, 1 on site, 1 kept by turns, oldest first. */
export const leasesScript = luaScript(`${prelude}
  local answer = {}
  for _, holder in ipairs(call('ZRANGE', begins, 0, -1)) do
    answer[#answer + 1] = holder
    answer[#answer + 1] = call('ZSCORE', begins, holder)
    answer[#answer + 1] = call('ZSCORE', ends, holder)
    answer[#answer + 1] = call('ZSCORE', afar, holder) and '0' or '1'
    answer[#answer + 1] = tostring(call('HEXISTS', kept, holder))
  end
  return answer
`)

/** Answers holder, and 0 or 1 on site before the time of joining, by turns, in order. */
export const waitersScript = luaScript(`${prelude}
  local answer = {}
  for _, holder in ipairs(call('ZRANGE', queue, 0, -1)) do
    answer[#answer + 1] = holder
    answer[#answer + 1] = call('HGET', about, holder)
  end
  return answer
`)
