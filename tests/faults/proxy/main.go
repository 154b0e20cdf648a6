// faultproxy: stands between the operator and an API server, and does to their connection what networks, load balancers and dying
// servers do. It speaks TLS to both sides and writes HTTP/1.1 by hand, so that it can cut, split, lose and rewrite at any byte.
//
//	faultproxy serve -upstream URL -ca FILE -certificate FILE -key FILE -addresses FILE [-listen ADDRESS] [-agent NAME]
//	faultproxy relay -upstream HOST:PORT -addresses FILE    bare TCP, to be stopped and woken by signals
//	faultproxy churn -upstream URL -ca FILE -certificate FILE -key FILE -rate N -seconds N <paths   makes pods ready and unready
//
// serve is told what to do on a second port, on loopback and without TLS:
//
//	PUT /rules/NAME   a Rule (rule.go)          DELETE /rules/NAME, DELETE /rules
//	POST /cut?match=RE&how=close|reset          open connections; without match all, idle ones too
//	PUT /listening    "off" refuses new connections, "on" takes them again
//	PUT /upstream     another API server        PUT /certificate  {"certificate": FILE, "key": FILE}
//	GET /requests?match=RE&since=MS             one JSON object a line, oldest first; times are unix milliseconds
//	GET /count?match=RE&since=MS                how many of them
//	GET /handshakes                             {"done": N, "failed": N}
package main

import (
	"fmt"
	"os"
)

func main() {
	commands := map[string]func([]string) error{"serve": serve, "relay": relay, "churn": churn}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: faultproxy serve|relay|churn FLAGS")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "faultproxy:", err)
		os.Exit(1)
	}
}
