package main

import (
	"bytes"
	"fmt"
	"os"
	"sort"
	"strconv"
)

type figures struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
	N   int     `json:"n"`
}

func summary(values []float64) *figures {
	if len(values) == 0 {
		return nil
	}
	sort.Float64s(values)
	at := func(q float64) float64 { return values[min(len(values)-1, int(q*float64(len(values))))] }
	return &figures{at(0.5), at(0.9), at(0.99), values[len(values)-1], len(values)}
}

// cpuSeconds is the user and system time of a process, from its stat file; 0 without one.
func cpuSeconds(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	user, _ := strconv.ParseFloat(string(fields[11]), 64)
	system, _ := strconv.ParseFloat(string(fields[12]), 64)
	return (user + system) / 100 // USER_HZ
}
