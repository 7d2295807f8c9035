-- Asks for items of namespaces: a thread, and so each of its connections, for every namespace; or, with
-- args[4] = "alternate", one namespace after the other on every connection. Bodies are the lines of the file args[1].

dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "requests.lua")

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  local count = tonumber(args[5])
  prepare(args[1], "GetItem", args[2], args[3], function(line)
    return "/ns/bench-" .. (args[4] == "alternate" and line % count or number % count)
  end)
end
