-- One effect on the entry of one key, by the server's own clock.
--
-- KEYS[1]  a hash of v, epoch, since, until, record
-- ARGV     what; the epoch; for how many milliseconds; the record
--
-- Answers a verdict and a text: 'yes' and the epoch; 'no'; 'version' and the one that was found.

local key, what, epoch, hold = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local DAY = 24 * 60 * 60 * 1000

local kept = redis.call('HMGET', key, 'v', 'epoch', 'since', 'until')
if kept[1] ~= '1' and redis.call('EXISTS', key) == 1 then
    return {'version', kept[1] or ''}
end
local current = kept[2] or '0'
local since, lapse = tonumber(kept[3]), tonumber(kept[4])

-- In microseconds: whole numbers of a double until the year 2255.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local is_new = what == 'take' or what == 'seize'
if is_new then
    -- A lease from the future was given before the clock was set back, and has lapsed.
    if what == 'take' and since and lapse and since <= now and now < lapse then
        return {'no', ''}
    end
    -- Greater than all before it; also where those are forgotten, since the clock went on.
    current = string.format('%.0f', math.max(tonumber(current) + 1, now))
elseif epoch ~= current then
    return {'no', ''}
end

redis.call('HSET', key, 'v', '1', 'epoch', current)
if is_new or what == 'extend' then
    local lapses = string.format('%.0f', now + hold * 1000)
    redis.call('HSET', key, 'since', string.format('%.0f', now), 'until', lapses)
else
    redis.call('HDEL', key, 'since', 'until')
end
if what == 'set' then
    redis.call('HSET', key, 'record', ARGV[4])
elseif what == 'delete' then
    redis.call('HDEL', key, 'record')
end

-- What has no record is there for its epoch alone, which nobody asks for once every lease is long over.
if redis.call('HEXISTS', key, 'record') == 1 then
    redis.call('PERSIST', key)
else
    redis.call('PEXPIRE', key, string.format('%.0f', hold + DAY))
end
return {'yes', current}
