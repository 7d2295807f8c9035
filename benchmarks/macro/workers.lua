-- Asks for items of namespaces: a thread, and so each of its connections, for every namespace; or, with
-- args[4] = "alternate", one namespace after the other on every connection. Bodies are the lines of the file args[1].

local threads = 0
local requests = {}
local position = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  local headers = {
    ["Host"] = wrk.host .. ":" .. wrk.port,
    ["Content-Type"] = "application/x-amz-json-1.0",
    ["X-Amz-Target"] = "DynamoDB_20120810.GetItem",
    ["X-Amz-Date"] = args[2],
    ["Authorization"] = args[3],
  }
  local count = tonumber(args[5])
  local line = 0
  for body in io.lines(args[1]) do
    line = line + 1
    local namespace = args[4] == "alternate" and line % count or number % count
    requests[#requests + 1] = wrk.format("POST", "/ns/bench-" .. namespace, headers, body)
  end
end

function request()
  position = position % #requests + 1
  return requests[position]
end

function done(summary, latency, _)
  local failed = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "duration_us": %d, "p50_us": %.0f, "p99_us": %.0f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    failed.status, failed.connect + failed.read + failed.write + failed.timeout))
end
