package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

// watch is the bare watch client: lines as they come, and the time at which each was complete.
func (ch *changer) watch(path, version string, on func(line []byte, at time.Time)) error {
	client, err := ch.c.client()
	if err != nil {
		return err
	}
	response, err := client.Get(ch.c.server + path + "?watch=1&timeoutSeconds=3000&resourceVersion=" + version)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("watch of %s: %s", path, response.Status)
	}
	go func() {
		reader := bufio.NewReaderSize(response.Body, 1<<20)
		for {
			line, err := reader.ReadBytes('\n')
			if err != nil {
				fmt.Fprintln(os.Stderr, "control: the watch ended:", err)
				return
			}
			on(line, time.Now())
		}
	}()
	return nil
}

func (ch *changer) onDeployment(line []byte, at time.Time) {
	var event struct {
		Object struct {
			Metadata struct {
				Namespace, Name string
				Generation      int64
			}
			Spec struct{ Replicas int }
		}
	}
	if json.Unmarshal(line, &event) != nil {
		return
	}
	ch.mutex.Lock()
	defer ch.mutex.Unlock()
	t := ch.byName[event.Object.Metadata.Namespace+"/"+event.Object.Metadata.Name]
	if t == nil || !t.pending || !t.watched.IsZero() || event.Object.Spec.Replicas != t.replicas[t.now] {
		return
	}
	t.watched = at
	t.generation = event.Object.Metadata.Generation
	ch.wake.Signal()
}

func (ch *changer) onAudit(line []byte, at time.Time) {
	var event struct {
		Object struct {
			Metadata struct{ Namespace, Name string }
			Status   struct{ Subject struct{ Generation int64 } }
		}
	}
	if json.Unmarshal(line, &event) != nil {
		return
	}
	name, ok := bytes.CutPrefix([]byte(event.Object.Metadata.Name), []byte("deployment-"))
	if !ok {
		return
	}
	ch.mutex.Lock()
	defer ch.mutex.Unlock()
	t := ch.byName[event.Object.Metadata.Namespace+"/"+string(name)]
	if t != nil && t.pending && t.stated.IsZero() && t.generation != 0 && event.Object.Status.Subject.Generation >= t.generation {
		t.stated = at
	}
}
