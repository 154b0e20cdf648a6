package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What a cluster serves. Kinds of others' CRDs are not among them, nor are our own: no reports are written there.
var served = []struct{ group, version, resource, kind string }{
	{"", "v1", "namespaces", "Namespace"}, {"", "v1", "nodes", "Node"}, {"", "v1", "pods", "Pod"}, {"", "v1", "services", "Service"},
	{"", "v1", "serviceaccounts", "ServiceAccount"}, {"", "v1", "persistentvolumes", "PersistentVolume"}, {"", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"},
	{"", "v1", "resourcequotas", "ResourceQuota"}, {"", "v1", "limitranges", "LimitRange"},
	{"apps", "v1", "deployments", "Deployment"}, {"apps", "v1", "statefulsets", "StatefulSet"}, {"apps", "v1", "daemonsets", "DaemonSet"}, {"apps", "v1", "replicasets", "ReplicaSet"},
	{"batch", "v1", "jobs", "Job"}, {"batch", "v1", "cronjobs", "CronJob"}, {"policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget"},
	{"autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"}, {"networking.k8s.io", "v1", "ingresses", "Ingress"}, {"networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy"},
	{"discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"}, {"storage.k8s.io", "v1", "storageclasses", "StorageClass"}, {"scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass"},
	{"rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"}, {"rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding"},
	{"admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration"}, {"admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration"},
	{"apiregistration.k8s.io", "v1", "apiservices", "APIService"}, {"apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition"},
}

// entry is one object. Pods of one owner share a template; what was changed has a text of its own.
type entry struct {
	template     *template
	copy, number int
	version      uint64
	text         []byte
}

type event struct {
	version uint64
	line    []byte
}

type collection struct {
	group, version, kind string
	entries              []*entry
	byName               map[string]*entry // of those that can be changed
	events               []event           // the newest ones, for watches that come again
	forgotten            uint64            // versions up to here are no longer known
	watchers             map[*watcher]struct{}
}

type watcher struct {
	lines chan []byte
}

type synthetic struct {
	mutex       sync.Mutex
	collections map[string]*collection
	version     uint64
	nodes       int
	bytes, asks int64
}

const keptEvents = 100_000

func serve(arguments []string) error {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	dir := flags.String("dir", "", "folder for server, ca.crt and kubeconfig")
	nodes := flags.Int("nodes", 50, "over how many nodes pods are spread")
	flags.Parse(arguments)
	s := &synthetic{collections: map[string]*collection{}, nodes: *nodes, version: 1000}
	for _, one := range served {
		s.collections[pathOf(one.group, one.version, one.resource)] = &collection{group: one.group, version: one.version, kind: one.kind, byName: map[string]*entry{}, watchers: map[*watcher]struct{}{}}
	}
	if err := eachItem(flags.Arg(0), s.add); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	config, authority, err := selfSigned()
	if err != nil {
		return err
	}
	address := "https://" + listener.Addr().String()
	kubeconfig := fmt.Sprintf("apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: %q, certificate-authority: %q}}]\nusers: [{name: u, user: {token: none}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n",
		address, filepath.Join(*dir, "ca.crt"))
	// server last: who waits for it finds the others.
	for _, file := range []struct{ name, text string }{{"ca.crt", string(authority)}, {"kubeconfig", kubeconfig}, {"server.new", address}} {
		if err := os.WriteFile(filepath.Join(*dir, file.name), []byte(file.text), 0o600); err != nil {
			return err
		}
	}
	if err := os.Rename(filepath.Join(*dir, "server.new"), filepath.Join(*dir, "server")); err != nil {
		return err
	}
	server := &http.Server{Handler: s, TLSConfig: config}
	return server.ServeTLS(listener, "", "")
}

func pathOf(group, version, resource string) string {
	if group == "" {
		return "/api/" + version + "/" + resource
	}
	return "/apis/" + group + "/" + version + "/" + resource
}

func (s *synthetic) add(one item) error {
	c := s.collections[everywhere(one.Collection)]
	if c == nil {
		return fmt.Errorf("nobody serves %s", one.Collection)
	}
	text := bytes.Replace(one.Object, []byte(`"resourceVersion":"1"`), []byte(`"resourceVersion":"@rv@"`), 1)
	t := parse(text).resolve(func(reference string) string { return makeUID(hash(reference), 2) })
	for copy := range one.Copies {
		s.version++
		e := &entry{template: &t, copy: copy, number: one.First + copy, version: s.version}
		c.entries = append(c.entries, e)
		if c.kind == "Deployment" {
			var object struct {
				Metadata struct{ Namespace, Name string }
			}
			if err := json.Unmarshal(one.Object, &object); err != nil {
				return err
			}
			c.byName[object.Metadata.Namespace+"/"+object.Metadata.Name] = e
		}
	}
	return nil
}

func (s *synthetic) append(out []byte, e *entry) []byte {
	if e.text != nil {
		return append(out, e.text...)
	}
	return e.template.expand(out, copyOf{e.copy, e.number, s.nodes, e.version})
}

func (s *synthetic) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	switch {
	case path == "/version":
		answer(w, map[string]string{"major": "1", "minor": "36", "gitVersion": "v1.36.3"})
	case path == "/api" || path == "/apis":
		s.discovery(w, path == "/api")
	case path == "/bench/expire":
		s.expire()
	case path == "/bench/stats":
		s.mutex.Lock()
		defer s.mutex.Unlock()
		answer(w, map[string]int64{"requests": s.asks, "bytes": s.bytes})
	case r.Method == http.MethodPatch:
		s.patch(w, r)
	case r.Method == http.MethodPost:
		w.WriteHeader(http.StatusCreated)
		io.Copy(w, r.Body)
	default:
		c := s.collections[everywhere(path)]
		if c == nil {
			status(w, http.StatusNotFound, "NotFound", "the server could not find the requested resource")
			return
		}
		query := r.URL.Query()
		if query.Get("watch") == "1" || query.Get("watch") == "true" {
			s.watch(w, r, c, query)
		} else {
			s.list(w, c, query)
		}
	}
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(value)
}

func status(w http.ResponseWriter, code int, reason, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message, "code": code})
}

func (s *synthetic) discovery(w http.ResponseWriter, core bool) {
	groups := map[string][]any{}
	versions := map[string]string{}
	for _, one := range served {
		if (one.group == "") == core {
			versions[one.group] = one.version
			groups[one.group] = append(groups[one.group], map[string]any{"resource": one.resource, "responseKind": map[string]string{"group": one.group, "version": one.version, "kind": one.kind},
				"scope": "Namespaced", "singularResource": strings.ToLower(one.kind), "verbs": []string{"get", "list", "watch", "patch"}})
		}
	}
	var names []string
	for name := range groups {
		names = append(names, name)
	}
	sort.Strings(names)
	var items []any
	for _, name := range names {
		items = append(items, map[string]any{"metadata": map[string]any{"name": name}, "versions": []any{map[string]any{"version": versions[name], "freshness": "Current", "resources": groups[name]}}})
	}
	w.Header().Set("Content-Type", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
	json.NewEncoder(w).Encode(map[string]any{"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": map[string]any{}, "items": items})
}

func (c *collection) apiVersion() string {
	if c.group == "" {
		return c.version
	}
	return c.group + "/" + c.version
}

func (s *synthetic) list(w http.ResponseWriter, c *collection, query url.Values) {
	s.mutex.Lock()
	entries, version := c.entries, s.version
	s.asks++
	s.mutex.Unlock()
	begin, end := 0, len(entries)
	if token := query.Get("continue"); token != "" {
		at, pinned, _ := strings.Cut(token, "-")
		begin, _ = strconv.Atoi(at)
		version, _ = strconv.ParseUint(pinned, 10, 64)
	}
	if limit, _ := strconv.Atoi(query.Get("limit")); limit > 0 {
		end = min(end, begin+limit)
	}
	meta := fmt.Sprintf(`"resourceVersion":"%d"`, version)
	if end < len(entries) {
		meta += fmt.Sprintf(`,"continue":"%d-%d","remainingItemCount":%d`, end, version, len(entries)-end)
	}
	w.Header().Set("Content-Type", "application/json")
	out := fmt.Appendf(nil, `{"kind":"%sList","apiVersion":"%s","metadata":{%s},"items":[`, c.kind, c.apiVersion(), meta)
	for i := begin; i < end; i++ {
		if i > begin {
			out = append(out, ',')
		}
		s.mutex.Lock()
		out = s.append(out, entries[i])
		s.mutex.Unlock()
		if len(out) > 1<<18 {
			s.write(w, out)
			out = out[:0]
		}
	}
	s.write(w, append(out, "]}\n"...))
}

func (s *synthetic) write(w io.Writer, out []byte) error {
	_, err := w.Write(out)
	s.mutex.Lock()
	s.bytes += int64(len(out))
	s.mutex.Unlock()
	return err
}

func (s *synthetic) watch(w http.ResponseWriter, r *http.Request, c *collection, query url.Values) {
	seconds, _ := strconv.Atoi(query.Get("timeoutSeconds"))
	if seconds == 0 {
		seconds = 300
	}
	after, _ := strconv.ParseUint(query.Get("resourceVersion"), 10, 64)
	initial := query.Get("sendInitialEvents") == "true"
	me := &watcher{lines: make(chan []byte, 1<<16)}
	s.mutex.Lock()
	s.asks++
	entries, version := c.entries, s.version
	var missed [][]byte
	if !initial {
		if after < c.forgotten {
			s.mutex.Unlock()
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version","reason":"Expired","code":410}}`+"\n")
			return
		}
		for _, e := range c.events {
			if e.version > after {
				missed = append(missed, e.line)
			}
		}
	}
	c.watchers[me] = struct{}{}
	s.mutex.Unlock()
	defer func() {
		s.mutex.Lock()
		delete(c.watchers, me)
		s.mutex.Unlock()
	}()
	w.Header().Set("Content-Type", "application/json")
	flusher := w.(http.Flusher)
	var out []byte
	if initial {
		for _, e := range entries {
			out = append(out, `{"type":"ADDED","object":`...)
			s.mutex.Lock()
			out = s.append(out, e)
			s.mutex.Unlock()
			// One at a time, as the API server does: a chunk of the answer is an event or two, and no client needs room for more.
			if s.write(w, append(out, "}\n"...)) != nil {
				return
			}
			out = out[:0]
		}
		out = append(out, c.bookmark(version, `,"annotations":{"k8s.io/initial-events-end":"true"}`)...)
	}
	for _, line := range missed {
		out = append(out, line...)
	}
	if s.write(w, out) != nil {
		return
	}
	flusher.Flush()
	timeout, bookmarks := time.After(time.Duration(seconds)*time.Second), time.NewTicker(time.Minute)
	defer bookmarks.Stop()
	for {
		out = out[:0]
		select {
		case line, open := <-me.lines:
			if !open {
				return
			}
			out = append(out, line...)
			for more := true; more && len(out) < 1<<18; {
				select {
				case line, open := <-me.lines:
					if open {
						out = append(out, line...)
					}
					more = open
				default:
					more = false
				}
			}
		case <-bookmarks.C:
			s.mutex.Lock()
			// What is under way to this watcher comes before.
			if len(me.lines) == 0 {
				out = append(out, c.bookmark(s.version, "")...)
			}
			s.mutex.Unlock()
		case <-timeout:
			return
		case <-r.Context().Done():
			return
		}
		if s.write(w, out) != nil {
			return
		}
		flusher.Flush()
	}
}

func (c *collection) bookmark(version uint64, annotations string) []byte {
	return fmt.Appendf(nil, `{"type":"BOOKMARK","object":{"kind":"%s","apiVersion":"%s","metadata":{"resourceVersion":"%d"%s}}}`+"\n", c.kind, c.apiVersion(), version, annotations)
}

// expire forgets all history, as compaction does: every watch ends with a 410, and what was known is listed again.
func (s *synthetic) expire() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.version++
	for _, c := range s.collections {
		c.events, c.forgotten = nil, s.version
		for w := range c.watchers {
			w.lines <- []byte(`{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version","reason":"Expired","code":410}}` + "\n")
			close(w.lines)
			delete(c.watchers, w)
		}
	}
}

// patch sets the replicas of a Deployment, and what its controller would say of that.
func (s *synthetic) patch(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/") // "", apis, apps, v1, namespaces, NS, deployments, NAME
	body, _ := io.ReadAll(r.Body)
	var patch struct {
		Spec struct{ Replicas *int }
	}
	c := s.collections["/apis/apps/v1/deployments"]
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var e *entry
	if len(parts) == 8 && parts[6] == "deployments" {
		e = c.byName[parts[5]+"/"+parts[7]]
	}
	if e == nil || json.Unmarshal(body, &patch) != nil || patch.Spec.Replicas == nil {
		status(w, http.StatusNotFound, "NotFound", "only the replicas of Deployments can be changed")
		return
	}
	var object map[string]any
	if err := json.Unmarshal(s.append(nil, e), &object); err != nil {
		status(w, http.StatusInternalServerError, "InternalError", err.Error())
		return
	}
	s.version++
	meta := object["metadata"].(map[string]any)
	generation := meta["generation"].(float64) + 1
	meta["generation"], meta["resourceVersion"] = generation, strconv.FormatUint(s.version, 10)
	object["spec"].(map[string]any)["replicas"] = *patch.Spec.Replicas
	object["status"].(map[string]any)["observedGeneration"] = generation
	e.text, _ = json.Marshal(object)
	e.version = s.version
	line := append(append([]byte(`{"type":"MODIFIED","object":`), e.text...), "}\n"...)
	c.events = append(c.events, event{s.version, line})
	if len(c.events) > 2*keptEvents {
		c.forgotten = c.events[keptEvents-1].version
		c.events = append([]event(nil), c.events[keptEvents:]...)
	}
	for one := range c.watchers {
		one.lines <- line
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(e.text)
}
