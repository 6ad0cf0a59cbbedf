-- wrk script: books one unit each time, under a new key. The peers know no tokens and no keys: the node does the whole request.
local count = 0
local node = os.getenv("WRK_NAME") == "node"
local prefix = tostring(os.time()) .. "-" .. tostring({}):sub(8) .. "-"
local path = "/v1/slots/" .. (node and os.getenv("SLOT") or "s0") .. "/bookings"
local headers = { ["Content-Type"] = "application/json" }
if node then headers["Authorization"] = "Bearer " .. os.getenv("TOKEN") end

function request()
  count = count + 1
  if node then
    headers["Idempotency-Key"] = prefix .. count
    return wrk.format("POST", path, headers, '{"quantity":1}')
  end
  return wrk.format("POST", path, headers, '{"user":"' .. prefix .. count .. '","quantity":1}')
end
