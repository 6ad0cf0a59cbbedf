-- wrk script: books one unit each time, under a new key, on one slot after the other (SLOTS, separated by spaces); or makes a
-- slot each time (SLOT is what it is to be). Peers know no tokens and no keys: the node (TOKEN is set) does the whole request.
-- With PERIOD_MS each connection thinks between its requests, that long on average, so that many of them come at random.
local count = 0
local token = os.getenv("TOKEN")
local prefix = os.time() .. "-" .. tostring({}):sub(8) .. "-"
local headers = { ["Content-Type"] = "application/json" }
if token then headers["Authorization"] = "Bearer " .. token end
local paths = {}
local making = os.getenv("SLOT")
local body = making or '{"quantity":1}'
if making then paths[1] = "/v1/slots" end
for slot in os.getenv("SLOTS"):gmatch("%S+") do paths[#paths + 1] = "/v1/slots/" .. slot .. "/bookings" end

local period = tonumber(os.getenv("PERIOD_MS") or "")
if period then
  math.randomseed(os.time())
  function delay() return math.random(0, 2 * period) end
end

function request()
  count = count + 1
  local path = paths[count % #paths + 1]
  if token then
    headers["Idempotency-Key"] = prefix .. count
    return wrk.format("POST", path, headers, body)
  end
  return wrk.format("POST", path, headers, '{"user":"' .. prefix .. count .. '","quantity":1}')
end
