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

// watch is the bare watch client: lines as they come, and the time at which each was complete. A stream that the server ends, as it does with whoever is too slow
// for a while, goes on from the last version that was seen; `on` tells it.
func (ch *changer) watch(path, version string, on func(line []byte, at time.Time) string) error {
	client, err := ch.c.client()
	if err != nil {
		return err
	}
	open := func() (*http.Response, error) {
		response, err := client.Get(ch.c.server + path + "?watch=1&timeoutSeconds=3000&resourceVersion=" + version)
		if err == nil && response.StatusCode != http.StatusOK {
			response.Body.Close()
			err = fmt.Errorf("watch of %s: %s", path, response.Status)
		}
		return response, err
	}
	response, err := open()
	if err != nil {
		return err
	}
	go func() {
		for {
			reader := bufio.NewReaderSize(response.Body, 1<<20)
			for {
				line, err := reader.ReadBytes('\n')
				if err != nil {
					fmt.Fprintln(os.Stderr, "control: a watch ended, and goes on:", err)
					break
				}
				if seen := on(line, time.Now()); seen != "" {
					version = seen
				}
			}
			response.Body.Close()
			if response, err = open(); err != nil {
				fmt.Fprintln(os.Stderr, "control:", err)
				return
			}
		}
	}()
	return nil
}

func (ch *changer) onDeployment(line []byte, at time.Time) string {
	var event struct {
		Object struct {
			Metadata struct {
				Namespace, Name, ResourceVersion string
				Generation                       int64
			}
			Spec struct{ Replicas int }
		}
	}
	if json.Unmarshal(line, &event) != nil {
		return ""
	}
	ch.mutex.Lock()
	defer ch.mutex.Unlock()
	t := ch.byName[event.Object.Metadata.Namespace+"/"+event.Object.Metadata.Name]
	if t != nil && t.pending && t.watched.IsZero() && event.Object.Spec.Replicas == t.replicas[t.now] {
		t.watched = at
		t.generation = event.Object.Metadata.Generation
		ch.wake.Signal()
	}
	return event.Object.Metadata.ResourceVersion
}

func (ch *changer) onAudit(line []byte, at time.Time) string {
	var event struct {
		Object struct {
			Metadata struct{ Namespace, Name, ResourceVersion string }
			Status   struct{ Subject struct{ Generation int64 } }
		}
	}
	if json.Unmarshal(line, &event) != nil {
		return ""
	}
	name, ok := bytes.CutPrefix([]byte(event.Object.Metadata.Name), []byte("deployment-"))
	if !ok {
		return event.Object.Metadata.ResourceVersion
	}
	ch.mutex.Lock()
	defer ch.mutex.Unlock()
	t := ch.byName[event.Object.Metadata.Namespace+"/"+string(name)]
	if t != nil && t.pending && t.stated.IsZero() && t.generation != 0 && event.Object.Status.Subject.Generation >= t.generation {
		t.stated = at
	}
	return event.Object.Metadata.ResourceVersion
}
