-- Replays prepared DynamoDB requests: one JSON body a line in the file args[1], for the operation args[2].
-- Everything is formatted before the clock starts, so that the generator costs the same for every row.

local requests = {}
local position = 0

function init(args)
  local headers = {
    ["Host"] = wrk.host .. ":" .. wrk.port,
    ["Content-Type"] = "application/x-amz-json-1.0",
    ["X-Amz-Target"] = "DynamoDB_20120810." .. args[2],
    ["X-Amz-Date"] = args[3],
    ["Authorization"] = args[4],
  }
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", "/", headers, body)
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
