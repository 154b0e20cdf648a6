package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// stageOf: what is named by uid has to be there before.
func stageOf(collection string) int {
	switch collection[strings.LastIndexByte(collection, '/')+1:] {
	case "namespaces":
		return 0
	case "replicasets":
		return 2
	case "endpointslices":
		return 2
	case "pods":
		return 3
	}
	return 1
}

type loader struct {
	server  string
	clients []*http.Client
	uids    sync.Map // "Kind/namespace/name" -> uid
	nodes   int
	created atomic.Int64
}

type job struct {
	collection   string
	object       template
	status       template
	hasStatus    bool
	copy, number int
}

func load(arguments []string) error {
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	c := connectionFlags(flags)
	workers := flags.Int("workers", 24, "requests at a time")
	nodes := flags.Int("nodes", 50, "over how many nodes pods are spread")
	flags.Parse(arguments)
	l := &loader{server: c.server, nodes: *nodes}
	for range 4 {
		client, err := c.client()
		if err != nil {
			return err
		}
		l.clients = append(l.clients, client)
	}
	var stages [4][]item
	if err := eachItem(flags.Arg(0), func(one item) error {
		stage := stageOf(one.Collection)
		stages[stage] = append(stages[stage], one)
		return nil
	}); err != nil {
		return err
	}
	begin := time.Now()
	for _, items := range stages {
		if err := l.stage(items, *workers); err != nil {
			return err
		}
	}
	return report(map[string]any{"objects": l.created.Load(), "seconds": time.Since(begin).Seconds()})
}

func (l *loader) stage(items []item, workers int) error {
	jobs := make(chan job, 256)
	errors := make(chan error, workers)
	var group sync.WaitGroup
	for worker := range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			for one := range jobs {
				if err := l.create(l.clients[worker%len(l.clients)], one); err != nil {
					errors <- err
					return
				}
			}
		}()
	}
	var failed error
feed:
	for _, one := range items {
		object, status, err := split(one.Object)
		if err != nil {
			return err
		}
		uid := func(reference string) string {
			if known, ok := l.uids.Load(reference); ok {
				return known.(string)
			}
			return ""
		}
		j := job{collection: one.Collection, object: parse(object).resolve(uid), hasStatus: status != nil}
		if j.hasStatus {
			j.status = parse(status).resolve(uid)
		}
		for copy := range one.Copies {
			j.copy, j.number = copy, one.First+copy
			select {
			case jobs <- j:
			case failed = <-errors:
				break feed
			}
		}
	}
	close(jobs)
	group.Wait()
	if failed == nil && len(errors) > 0 {
		failed = <-errors
	}
	return failed
}

// split takes off what a server sets itself, and the status, which goes to the subresource.
func split(raw []byte) (object, status []byte, err error) {
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(raw, &whole); err != nil {
		return nil, nil, err
	}
	var meta map[string]json.RawMessage
	if err := json.Unmarshal(whole["metadata"], &meta); err != nil {
		return nil, nil, err
	}
	for _, field := range []string{"uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"} {
		delete(meta, field)
	}
	whole["metadata"], _ = json.Marshal(meta)
	kind := string(whole["kind"])
	if kind != `"Namespace"` && kind != `"Node"` && whole["status"] != nil {
		status = append(append([]byte(`{"status":`), whole["status"]...), '}')
		delete(whole, "status")
	}
	object, err = json.Marshal(whole)
	return object, status, err
}

func (l *loader) create(client *http.Client, one job) error {
	c := copyOf{copy: one.copy, number: one.number, nodes: l.nodes}
	body, err := l.send(client, http.MethodPost, one.collection, "application/json", one.object.expand(nil, c))
	if err != nil {
		return err
	}
	var made struct {
		Kind     string
		Metadata struct{ Namespace, Name, UID string }
	}
	if err := json.Unmarshal(body, &made); err != nil {
		return err
	}
	l.created.Add(1)
	if made.Kind != "Pod" {
		l.uids.Store(made.Kind+"/"+made.Metadata.Namespace+"/"+made.Metadata.Name, made.Metadata.UID)
	}
	if !one.hasStatus {
		return nil
	}
	_, err = l.send(client, http.MethodPatch, one.collection+"/"+made.Metadata.Name+"/status", "application/merge-patch+json", one.status.expand(nil, c))
	return err
}

func (l *loader) send(client *http.Client, method, path, contentType string, body []byte) ([]byte, error) {
	for attempt := 0; ; attempt++ {
		request, err := http.NewRequest(method, l.server+path, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", contentType)
		response, err := client.Do(request)
		if err != nil {
			return nil, err
		}
		answer, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			return nil, err
		}
		switch {
		case response.StatusCode < 300:
			return answer, nil
		case response.StatusCode == http.StatusConflict && method == http.MethodPost:
			return answer, fmt.Errorf("%s is there already: %.300s", path, answer)
		case (response.StatusCode == 429 || response.StatusCode >= 500) && attempt < 20:
			time.Sleep(100 * time.Millisecond)
		default:
			return nil, fmt.Errorf("%s %s: %d %.500s\n%.2000s", method, path, response.StatusCode, answer, body)
		}
	}
}
