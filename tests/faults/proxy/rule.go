package main

import (
	"encoding/json"
	"regexp"
	"sort"
	"sync"
)

// Rule says what happens to requests whose "METHOD URI" matches. Of several that match, the first by name counts.
type Rule struct {
	Match string `json:"match"`
	Skip  int    `json:"skip"`  // so many matching requests are left alone first
	Times int    `json:"times"` // and then so many are treated; 0: all

	// Before the API server sees the request.
	DelayMs int    `json:"delayMs"`
	Refuse  string `json:"refuse"` // "close" or "reset": the connection ends, the request went nowhere
	// Instead of the API server: a status other than 0, with a body as it stands and headers.
	Status  int               `json:"status"`
	Body    string            `json:"body"`
	Headers map[string]string `json:"headers"`
	// After the API server has done what was asked.
	Lose  bool `json:"lose"`  // the connection ends without an answer
	CutAt *int `json:"cutAt"` // it ends after so many bytes of the body
	Clean bool `json:"clean"` // that end looks like a proper one: the last chunk, and a closed TLS session

	// While an answer flows; these also apply to streams that were open before.
	Hold      bool     `json:"hold"`      // nothing gets through in either direction, and nothing ends
	Segment   int      `json:"segment"`   // bytes a write
	GatherMs  int      `json:"gatherMs"`  // what comes within so long goes out in one write
	Drop      []string `json:"drop"`      // events of these types do not get through
	Duplicate int      `json:"duplicate"` // each event comes so many times more
	Replay    bool     `json:"replay"`    // after each event, once more the one before it

	pattern *regexp.Regexp
	seen    int
}

type rules struct {
	mutex  sync.Mutex
	byName map[string]*Rule
}

func (r *rules) put(name string, text []byte) error {
	rule := &Rule{}
	if err := json.Unmarshal(text, rule); err != nil {
		return err
	}
	pattern, err := regexp.Compile(rule.Match)
	if err != nil {
		return err
	}
	rule.pattern = pattern
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.byName[name] = rule
	return nil
}

func (r *rules) remove(name string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if name == "" {
		r.byName = map[string]*Rule{}
	}
	delete(r.byName, name)
}

// first is the rule for a request; take counts the request against its skip and times.
func (r *rules) first(request string, take bool) Rule {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	names := make([]string, 0, len(r.byName))
	for name := range r.byName {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		rule := r.byName[name]
		if !rule.pattern.MatchString(request) {
			continue
		}
		if take {
			rule.seen++
			if rule.seen <= rule.Skip || (rule.Times > 0 && rule.seen > rule.Skip+rule.Times) {
				continue
			}
		}
		return *rule
	}
	return Rule{}
}
