-- Replays prepared DynamoDB requests: one JSON body a line in the file args[1], for the operation args[2].

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "requests.lua")

function init(args)
  prepare(args[1], args[2], args[3], args[4], function() return "/" end)
end
