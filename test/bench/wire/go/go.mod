module fairlead/bench

go 1.21
