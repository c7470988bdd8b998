-- Sends what a plan (bench/ladder/plan.py) says, written as a Lua table, and prints one JSON object
-- about it. For one thread only, because each has a number of its own.

local plan
local number = 0

function init(args)
  plan = dofile(args[1])
  -- wrk looks at one request before it sends any.
  number = plan.first * #plan.bodies - 1
end

local function filled(text, round)
  local visit = math.floor(round / #plan.tokens)
  return (text:gsub("@(%u+)@", {
    TOKEN = plan.tokens[round % #plan.tokens + 1],
    NUMBER = string.format("%d", round),
    DIGITS = string.format("%012x", round),
    PROJECT = string.format("%d", plan.first_project_id + round % #plan.tokens),
    UUID = string.format("00000000-0000-4000-8000-%012x", round),
    PERSON = string.format("person %d", math.floor(visit / plan.visits)),
  }))
end

function request()
  local which = number % #plan.bodies
  local round = math.max(0, math.floor(number / #plan.bodies) - which * plan.rounds_apart)
  local body = plan.bodies[which + 1]
  number = number + 1
  local headers = {}
  for name, value in pairs(plan.headers) do
    headers[name] = filled(value, round)
  end
  return wrk.format(plan.method, filled(plan.path, round), headers, filled(body, round))
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests": %d, "seconds": %.6f, "p50": %.6f, "p95": %.6f, "p99": %.6f, "failed": %d}',
    summary.requests,
    summary.duration / 1e6,
    latency:percentile(50) / 1e6,
    latency:percentile(95) / 1e6,
    latency:percentile(99) / 1e6,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout
  ))
end
