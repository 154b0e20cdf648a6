package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// lists reads collections as raw bytes, two at a time, by the streaming list that the operator asks for: what the API server itself needs.
func lists(arguments []string) error {
	flags := flag.NewFlagSet("lists", flag.ExitOnError)
	c := connectionFlags(flags)
	flags.Parse(arguments)
	begin := time.Now()
	paths := make(chan string)
	var group sync.WaitGroup
	var mutex sync.Mutex
	var failed error
	var bytes int64
	for range 2 {
		client, err := c.client()
		if err != nil {
			return err
		}
		group.Add(1)
		go func() {
			defer group.Done()
			for path := range paths {
				n, err := streamList(client, c.server+path)
				mutex.Lock()
				bytes += n
				failed = errors.Join(failed, err)
				mutex.Unlock()
			}
		}()
	}
	for _, path := range flags.Args() {
		paths <- path
	}
	close(paths)
	group.Wait()
	if failed != nil {
		return failed
	}
	return report(map[string]any{"seconds": time.Since(begin).Seconds(), "bytes": bytes})
}

func streamList(client *http.Client, url string) (int64, error) {
	response, err := client.Get(url + "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=300")
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 300))
		return 0, fmt.Errorf("%s: %d %s", url, response.StatusCode, text)
	}
	reader := bufio.NewReaderSize(response.Body, 1<<20)
	var total int64
	for {
		line, err := reader.ReadSlice('\n')
		total += int64(len(line))
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return total, fmt.Errorf("%s: %w", url, err)
		}
		if bytes.HasPrefix(line, []byte(`{"type":"BOOKMARK"`)) && bytes.Contains(line, []byte("initial-events-end")) {
			return total, nil
		}
	}
}
