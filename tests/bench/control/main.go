// Command control is what the benchmarks do with API servers: fill a real one, stand in for one that two cores cannot hold, change workloads and see
// when that shows. The standard library alone.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

const usage = `usage: control load   CONNECTION [-workers N] ITEMS          fills an API server
       control serve  -dir DIR [-nodes N] ITEMS                 is one; DIR gets server, ca.crt, kubeconfig
       control lists  CONNECTION PATH...                        how long it takes to send these collections
       control change CONNECTION -metrics URL -family NAME ...  changes Deployments, and waits until it shows
CONNECTION: -server URL -ca FILE [-cert FILE -key FILE]
ITEMS: what bench_generate cluster printed`

func main() {
	commands := map[string]func([]string) error{"load": load, "serve": serve, "lists": lists, "change": change}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "control:", err)
		os.Exit(1)
	}
}

type connection struct {
	server, ca, cert, key string
}

func connectionFlags(flags *flag.FlagSet) *connection {
	c := &connection{}
	flags.StringVar(&c.server, "server", "", "URL of the API server")
	flags.StringVar(&c.ca, "ca", "", "its certificate authority")
	flags.StringVar(&c.cert, "cert", "", "client certificate")
	flags.StringVar(&c.key, "key", "", "its key")
	return c
}

// client returns one with connections of its own: HTTP/2 puts all requests of a client on one.
func (c *connection) client() (*http.Client, error) {
	pem, err := os.ReadFile(c.ca)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(pem)
	if c.cert != "" {
		pair, err := tls.LoadX509KeyPair(c.cert, c.key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, DisableCompression: true, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute}}, nil
}

func report(value any) error {
	encoder := json.NewEncoder(os.Stdout)
	return encoder.Encode(value)
}

// item is a line of bench_generate; see objects.h.
type item struct {
	Collection string          `json:"collection"`
	Copies     int             `json:"copies"`
	First      int             `json:"first"`
	Object     json.RawMessage `json:"object"`
}

// everywhere is the path of the collection over all namespaces.
func everywhere(collection string) string {
	if at := strings.Index(collection, "/namespaces/"); at >= 0 {
		rest := collection[at+len("/namespaces/"):]
		if slash := strings.IndexByte(rest, '/'); slash >= 0 {
			return collection[:at] + rest[slash:]
		}
	}
	return collection
}
