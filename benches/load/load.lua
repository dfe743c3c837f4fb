-- Sends the requests of a file (a path, a tab and a body in each line), one after the other, from the beginning.
local requests = {}
local next_request = 0

function init(args)
    local headers = { ["Content-Type"] = "application/json" }
    if os.getenv("LOAD_TOKEN") then
        headers["Authorization"] = "Bearer " .. os.getenv("LOAD_TOKEN")
    end
    for line in io.lines(args[1]) do
        local path, body = line:match("^(%S+)\t(.*)$")
        requests[#requests + 1] = wrk.format("POST", path, headers, body)
    end
end

function request()
    next_request = next_request % #requests + 1
    return requests[next_request]
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\nRESULT {"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"failed":%d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
