-- What replay.lua and workers.lua have in common: requests that are formatted before the clock starts, so that the
-- generator costs the same for every row, and the line that tells the result.

local requests = {}
local position = 0

-- Prepares one request of *operation* for each line of *file*; *path* gives the path for a line's number.
function prepare(file, operation, date, authorization, path)
  local headers = {
    ["Host"] = wrk.host .. ":" .. wrk.port,
    ["Content-Type"] = "application/x-amz-json-1.0",
    ["X-Amz-Target"] = "DynamoDB_20120810." .. operation,
    ["X-Amz-Date"] = date,
    ["Authorization"] = authorization,
  }
  for body in io.lines(file) do
    requests[#requests + 1] = wrk.format("POST", path(#requests + 1), headers, body)
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
