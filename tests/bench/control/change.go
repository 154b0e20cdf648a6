package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

const deployments = "/apis/apps/v1/deployments"
const audits = "/apis/audit.seaworthy.dev/v1alpha1/workloadaudits"

// target is a Deployment whose replicas go to and fro between two numbers.
type target struct {
	namespace, name string
	replicas        [2]int
	values          [2]string // what the metric says of them
	now             int

	// While a change is under way; guarded by changer.mutex.
	pending                bool
	sent, answered         time.Time
	watched, shown, stated time.Time
	generation             int64
}

type changer struct {
	c           *connection
	patches     []*http.Client
	metrics     *url.URL
	family      string
	nameLabel   string
	mutex       sync.Mutex
	byName      map[string]*target
	wake        *sync.Cond
	polls       int
	pollSeconds []float64
	withAudits  bool
	pid         int
}

func change(arguments []string) error {
	flags := flag.NewFlagSet("change", flag.ExitOnError)
	ch := &changer{c: connectionFlags(flags), byName: map[string]*target{}}
	ch.wake = sync.NewCond(&ch.mutex)
	metrics := flags.String("metrics", "", "URL of /metrics")
	flags.StringVar(&ch.family, "family", "seaworthy_workload_score", "the metric that shows a change of replicas")
	flags.StringVar(&ch.nameLabel, "label", "workload", "its label with the Deployment's name; namespace is the other")
	rate := flags.Float64("rate", 10, "changes a second")
	seconds := flags.Float64("seconds", 10, "for so long")
	most := flags.Int("targets", 2000, "so many different Deployments at most")
	flags.IntVar(&ch.pid, "pid", 0, "process whose processor time is told")
	flags.BoolVar(&ch.withAudits, "audits", false, "wait for the WorkloadAudits, too")
	flags.Parse(arguments)
	var err error
	if ch.metrics, err = url.Parse(*metrics); err != nil {
		return err
	}
	for range 4 {
		client, err := ch.c.client()
		if err != nil {
			return err
		}
		ch.patches = append(ch.patches, client)
	}
	targets, version, err := ch.find(*most)
	if err != nil {
		return err
	}
	if err := ch.watch(deployments, version, ch.onDeployment); err != nil {
		return err
	}
	if ch.withAudits {
		if err := ch.watch(audits, "", ch.onAudit); err != nil {
			return err
		}
	}
	if targets, err = ch.calibrate(targets); err != nil {
		return err
	}
	return ch.run(targets, *rate, *seconds)
}

func (ch *changer) find(most int) ([]*target, string, error) {
	response, err := ch.patches[0].Get(ch.c.server + deployments)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	var list struct {
		Metadata struct{ ResourceVersion string }
		Items    []struct {
			Metadata struct{ Namespace, Name string }
			Spec     struct{ Replicas int }
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		return nil, "", err
	}
	var targets []*target
	for _, one := range list.Items {
		other := 1
		if one.Spec.Replicas == 1 {
			other = 2
		}
		t := &target{namespace: one.Metadata.Namespace, name: one.Metadata.Name, replicas: [2]int{one.Spec.Replicas, other}}
		ch.byName[t.namespace+"/"+t.name] = t
		targets = append(targets, t)
	}
	// Spread over the whole cluster.
	if len(targets) > most {
		var some []*target
		for i := range most {
			some = append(some, targets[i*len(targets)/most])
		}
		targets = some
	}
	return targets, list.Metadata.ResourceVersion, nil
}

// patch begins a change.
func (ch *changer) patch(client *http.Client, t *target) error {
	ch.mutex.Lock()
	t.now = 1 - t.now
	t.pending, t.generation = true, 0
	t.sent, t.answered, t.watched, t.shown, t.stated = time.Now(), time.Time{}, time.Time{}, time.Time{}, time.Time{}
	body := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, t.replicas[t.now])
	ch.mutex.Unlock()
	request, err := http.NewRequest(http.MethodPatch, ch.c.server+"/apis/apps/v1/namespaces/"+t.namespace+"/deployments/"+t.name, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/merge-patch+json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	text, _ := io.ReadAll(response.Body)
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("patch: %s %.300s", response.Status, text)
	}
	ch.mutex.Lock()
	t.answered = time.Now()
	ch.mutex.Unlock()
	return nil
}

// calibrate changes all targets to and fro, to know what the metric says of each state; those of which it says the same are left out.
func (ch *changer) calibrate(targets []*target) ([]*target, error) {
	before, err := ch.values()
	if err != nil {
		return nil, err
	}
	var read [2]map[string]string
	for round := range 2 {
		if err := ch.all(targets); err != nil {
			return nil, err
		}
		if read[round], err = ch.settled(); err != nil {
			return nil, err
		}
	}
	var good []*target
	for _, t := range targets {
		t.pending = false
		key := t.namespace + "/" + t.name
		t.values = [2]string{before[key], read[0][key]}
		if t.values[0] != t.values[1] && read[1][key] == t.values[0] && t.values[0] != "" {
			good = append(good, t)
		}
	}
	if len(good) == 0 {
		return nil, fmt.Errorf("no change of replicas shows in %s", ch.family)
	}
	return good, nil
}

func (ch *changer) all(targets []*target) error {
	work := make(chan *target)
	failures := make(chan error, 8)
	var group sync.WaitGroup
	for i := range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			for t := range work {
				if err := ch.patch(ch.patches[i%len(ch.patches)], t); err != nil {
					failures <- err
					for range work {
					}
					return
				}
			}
		}()
	}
	for _, t := range targets {
		work <- t
	}
	close(work)
	group.Wait()
	select {
	case err := <-failures:
		return err
	default:
		return nil
	}
}

// settled waits until the metric has said the same for a second.
func (ch *changer) settled() (map[string]string, error) {
	last, err := ch.values()
	for same := 0; err == nil && same < 10; {
		time.Sleep(100 * time.Millisecond)
		var next map[string]string
		if next, err = ch.values(); err != nil {
			break
		}
		same++
		for key, value := range next {
			if last[key] != value {
				same = 0
				break
			}
		}
		last = next
	}
	return last, err
}

// poll reads the metric while a change is known to have reached a watch client and does not show yet. Nothing is read in between: on two cores a
// poller without pause would measure itself.
func (ch *changer) poll(stop *bool) {
	for {
		ch.mutex.Lock()
		for !*stop && !ch.awaited() {
			ch.wake.Wait()
		}
		done := *stop
		wanted := map[string]*target{}
		for key, t := range ch.byName {
			if t.pending && t.shown.IsZero() {
				wanted[key] = t
			}
		}
		ch.mutex.Unlock()
		if done {
			return
		}
		begin := time.Now()
		err := ch.page(func(key, value []byte) {
			t := wanted[string(key)]
			if t == nil {
				return
			}
			ch.mutex.Lock()
			if t.pending && t.shown.IsZero() && string(value) == t.values[t.now] {
				t.shown = time.Now()
			}
			ch.mutex.Unlock()
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, "control: metrics:", err)
			time.Sleep(100 * time.Millisecond)
		}
		ch.polls++
		ch.pollSeconds = append(ch.pollSeconds, time.Since(begin).Seconds())
	}
}

func (ch *changer) awaited() bool {
	for _, t := range ch.byName {
		if t.pending && t.shown.IsZero() && !t.watched.IsZero() && time.Since(t.watched) < 10*time.Second {
			return true
		}
	}
	return false
}

func (ch *changer) run(targets []*target, rate, seconds float64) error {
	stop := false
	go ch.poll(&stop)
	// With the audits a change counts as under way until it is written: one object is written every 5 s at most.
	patience := 10 * time.Second
	series := map[string][]float64{}
	lost := map[string]int{}
	collect := func(t *target) {
		add := func(name string, from, to time.Time) {
			if from.IsZero() || to.IsZero() {
				lost[name]++
				return
			}
			series[name] = append(series[name], to.Sub(from).Seconds()*1000)
		}
		add("answer_ms", t.sent, t.answered)
		add("watch_ms", t.sent, t.watched)
		add("metric_ms", t.sent, t.shown)
		add("after_watch_ms", t.watched, t.shown)
		if ch.withAudits {
			add("audit_ms", t.sent, t.stated)
		}
		t.pending = false
	}
	done := func(t *target) bool {
		return !t.answered.IsZero() && !t.watched.IsZero() && !t.shown.IsZero() && (!ch.withAudits || !t.stated.IsZero()) || time.Since(t.sent) > patience
	}
	begin, cpu := time.Now(), cpuSeconds(ch.pid)
	var group sync.WaitGroup
	slots := make(chan struct{}, 64)
	var failed error
	sent, skipped := 0, 0
	for next := 0; ; next++ {
		due := begin.Add(time.Duration(float64(next) / rate * float64(time.Second)))
		if due.Sub(begin).Seconds() >= seconds {
			break
		}
		time.Sleep(time.Until(due))
		t := targets[next%len(targets)]
		ch.mutex.Lock()
		busy := t.pending && !done(t)
		if t.pending && !busy {
			collect(t)
		}
		err := failed
		ch.mutex.Unlock()
		if err != nil {
			return err
		}
		if busy {
			skipped++
			continue
		}
		client := ch.patches[sent%len(ch.patches)]
		sent++
		slots <- struct{}{}
		group.Add(1)
		go func() {
			defer group.Done()
			if err := ch.patch(client, t); err != nil {
				ch.mutex.Lock()
				failed = err
				ch.mutex.Unlock()
			}
			<-slots
		}()
	}
	elapsed := time.Since(begin).Seconds()
	cpu = cpuSeconds(ch.pid) - cpu
	group.Wait()
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		ch.mutex.Lock()
		open := 0
		for _, t := range targets {
			if t.pending && !done(t) {
				open++
			}
		}
		ch.mutex.Unlock()
		if open == 0 {
			break
		}
	}
	ch.mutex.Lock()
	for _, t := range targets {
		if t.pending {
			collect(t)
		}
	}
	stop = true
	ch.wake.Signal()
	result := map[string]any{"rate": rate, "achieved_rate": float64(sent) / elapsed, "sent": sent, "skipped": skipped, "targets": len(targets), "polls": ch.polls, "lost": lost, "cpu_percent": 100 * cpu / elapsed}
	for name, values := range series {
		result[name] = summary(values)
	}
	for i := range ch.pollSeconds {
		ch.pollSeconds[i] *= 1000
	}
	result["poll_ms"] = summary(ch.pollSeconds)
	ch.mutex.Unlock()
	return report(result)
}
