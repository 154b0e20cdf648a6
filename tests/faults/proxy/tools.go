package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// relay forwards bare TCP: SIGSTOP makes it a link on which nothing moves, and whose ends both stay open.
func relay(arguments []string) error {
	flags := flag.NewFlagSet("relay", flag.ExitOnError)
	upstream := flags.String("upstream", "", "HOST:PORT")
	addresses := flags.String("addresses", "", "file for the address")
	flags.Parse(arguments)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := writeAddresses(*addresses, listener.Addr().String()); err != nil {
		return err
	}
	for {
		near, err := listener.Accept()
		if err != nil {
			return err
		}
		far, err := net.Dial("tcp", *upstream)
		if err != nil {
			near.Close()
			continue
		}
		for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
			go func(from, to net.Conn) {
				io.Copy(to, from)
				from.Close()
				to.Close()
			}(pair[0], pair[1])
		}
	}
}

// churn turns the Ready condition of the pods whose paths it reads, at a rate that kubectl cannot reach. Prints how many it turned.
func churn(arguments []string) error {
	flags := flag.NewFlagSet("churn", flag.ExitOnError)
	upstream := flags.String("upstream", "", "URL of the API server")
	ca := flags.String("ca", "", "its certificate authority")
	certificate := flags.String("certificate", "", "of an administrator")
	key := flags.String("key", "", "its key")
	rate := flags.Int("rate", 100, "a second")
	seconds := flags.Int("seconds", 60, "how long")
	flags.Parse(arguments)
	pair, err := tls.LoadX509KeyPair(*certificate, *key)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(*ca)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}}}
	var paths []string
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		paths = append(paths, lines.Text())
	}
	if len(paths) == 0 {
		return fmt.Errorf("no pods")
	}
	var mutex sync.Mutex
	turned := 0
	work := make(chan int)
	var workers sync.WaitGroup
	for range make([]struct{}, 16) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for turn := range work {
				// Each pod in its turn; all of them one way, then all the other.
				state := []string{"False", "True"}[turn/len(paths)%2]
				body := fmt.Sprintf(`{"status":{"conditions":[{"type":"Ready","status":%q},{"type":"ContainersReady","status":%q}]}}`, state, state)
				request, _ := http.NewRequest("PATCH", *upstream+paths[turn%len(paths)]+"/status", strings.NewReader(body))
				request.Header.Set("Content-Type", "application/strategic-merge-patch+json")
				response, err := client.Do(request)
				if err != nil {
					continue
				}
				io.Copy(io.Discard, response.Body)
				response.Body.Close()
				if response.StatusCode == 200 {
					mutex.Lock()
					turned++
					mutex.Unlock()
				}
			}
		}()
	}
	ticker := time.NewTicker(time.Second / time.Duration(*rate))
	for turn := 0; turn < *rate**seconds; turn++ {
		<-ticker.C
		work <- turn
	}
	close(work)
	workers.Wait()
	fmt.Println(turned)
	return nil
}
