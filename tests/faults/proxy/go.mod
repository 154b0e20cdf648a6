module seaworthy.local/faultproxy

go 1.21
