-- wrk script: books one unit each time, under a new key, on one slot after the other (SLOTS, separated by spaces). Peers know
-- no tokens and no keys: the node (TOKEN is set) does the whole request.
local count = 0
local token = os.getenv("TOKEN")
local prefix = os.time() .. "-" .. tostring({}):sub(8) .. "-"
local headers = { ["Content-Type"] = "application/json" }
if token then headers["Authorization"] = "Bearer " .. token end
local paths = {}
for slot in os.getenv("SLOTS"):gmatch("%S+") do paths[#paths + 1] = "/v1/slots/" .. slot .. "/bookings" end

function request()
  count = count + 1
  local path = paths[count % #paths + 1]
  if token then
    headers["Idempotency-Key"] = prefix .. count
    return wrk.format("POST", path, headers, '{"quantity":1}')
  end
  return wrk.format("POST", path, headers, '{"user":"' .. prefix .. count .. '","quantity":1}')
end
