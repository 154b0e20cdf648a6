package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Entry is one request, as GET /requests shows it.
type Entry struct {
	At      int64  `json:"at"`
	Request string `json:"request"` // "METHOD URI"
	Token   bool   `json:"token"`   // it carried a credential
	Status  int    `json:"status"`
	Bytes   int64  `json:"bytes"` // of the body, sent on
	Ended   int64  `json:"ended"` // 0: not yet
	How     string `json:"how"`   // complete, cut, lost, refused, answered, client: who or what ended it
}

type proxy struct {
	rules       rules
	certificate atomic.Pointer[tls.Certificate]
	client      *http.Transport
	agent       string
	address     string

	mutex       sync.Mutex
	upstream    *url.URL
	entries     []*Entry
	connections map[*connection]bool
	listener    net.Listener
	done        int
	failed      int
}

type connection struct {
	proxy   *proxy
	raw     net.Conn
	tls     *tls.Conn
	reader  *bufio.Reader
	request atomic.Value // of the request under way, else ""
}

func nowMs() int64 { return time.Now().UnixMilli() }

func serve(arguments []string) error {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	upstream := flags.String("upstream", "", "URL of the API server")
	ca := flags.String("ca", "", "its certificate authority")
	certificate := flags.String("certificate", "", "what the operator is shown")
	key := flags.String("key", "", "its key")
	listen := flags.String("listen", "127.0.0.1:0", "for the operator")
	agent := flags.String("agent", "", "User-Agent towards the API server: tells replicas apart in its audit log")
	addresses := flags.String("addresses", "", "file for the two addresses: the operator's, the control's")
	flags.Parse(arguments)

	p := &proxy{rules: rules{byName: map[string]*Rule{}}, connections: map[*connection]bool{}, agent: *agent, address: *listen}
	var err error
	if p.upstream, err = url.Parse(*upstream); err != nil {
		return err
	}
	if err = p.load(*certificate, *key); err != nil {
		return err
	}
	pool := x509.NewCertPool()
	text, err := os.ReadFile(*ca)
	if err != nil || !pool.AppendCertsFromPEM(text) {
		return fmt.Errorf("no authority in %s: %v", *ca, err)
	}
	p.client = &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: pool},
		TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/1.1, a connection a watch
		DisableCompression:  true,                                                   // bodies pass as they are
		MaxIdleConnsPerHost: 64,
	}
	if err = p.open(); err != nil {
		return err
	}
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err = writeAddresses(*addresses, p.address, control.Addr().String()); err != nil {
		return err
	}
	return http.Serve(control, http.HandlerFunc(p.control))
}

// In one move: whoever waits for the file must not read half of it.
func writeAddresses(file string, all ...string) error {
	if err := os.WriteFile(file+".new", []byte(strings.Join(all, " ")+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

func (p *proxy) load(certificate, key string) error {
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err == nil {
		p.certificate.Store(&pair)
	}
	return err
}

func (p *proxy) open() error {
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		return err
	}
	p.mutex.Lock()
	p.listener, p.address = listener, listener.Addr().String()
	p.mutex.Unlock()
	go func() {
		for {
			raw, err := listener.Accept()
			if err != nil {
				return
			}
			go p.accept(raw)
		}
	}()
	return nil
}

func (p *proxy) accept(raw net.Conn) {
	c := &connection{proxy: p, raw: raw}
	c.request.Store("")
	// Without session tickets each connection verifies the certificate anew, as a changed one should be.
	c.tls = tls.Server(raw, &tls.Config{SessionTicketsDisabled: true, NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return p.certificate.Load(), nil }})
	c.reader = bufio.NewReader(c.tls)
	p.mutex.Lock()
	p.connections[c] = true
	p.mutex.Unlock()
	defer func() {
		raw.Close()
		p.mutex.Lock()
		delete(p.connections, c)
		p.mutex.Unlock()
	}()
	// While everything is held a handshake is not answered either.
	if !c.wait(context.Background(), "CONNECT") {
		return
	}
	raw.SetDeadline(time.Now().Add(30 * time.Second))
	err := c.tls.Handshake()
	raw.SetDeadline(time.Time{})
	p.mutex.Lock()
	if err == nil {
		p.done++
	} else {
		p.failed++
	}
	p.mutex.Unlock()
	for err == nil {
		err = c.exchange()
	}
}

var errEnded = errors.New("the connection has ended")

// end takes the connection down as the network would: without a word of TLS.
func (c *connection) end(how string) error {
	if tcp, ok := c.raw.(*net.TCPConn); ok && how == "reset" {
		tcp.SetLinger(0)
	}
	c.raw.Close()
	return errEnded
}

// wait returns once nothing holds the request; false when the client has gone.
func (c *connection) wait(ctx context.Context, request string) bool {
	for c.proxy.rules.first(request, false).Hold {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return true
}

func (c *connection) exchange() error {
	request, err := http.ReadRequest(c.reader)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return err
	}
	what := request.Method + " " + request.URL.RequestURI()
	c.request.Store(what)
	defer c.request.Store("")
	entry := &Entry{At: nowMs(), Request: what, Token: request.Header.Get("Authorization") != ""}
	c.proxy.mutex.Lock()
	c.proxy.entries = append(c.proxy.entries, entry)
	c.proxy.mutex.Unlock()

	// The client's next byte, or its end, while it has nothing to say.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	next := make(chan error, 1)
	go func() {
		_, err := c.reader.Peek(1)
		if err != nil {
			cancel()
		}
		next <- err
	}()
	how, err := c.answer(ctx, request, body, what, entry)
	if err != nil && how == "" {
		how = "client"
	}
	c.proxy.mutex.Lock()
	entry.How, entry.Ended = how, nowMs()
	c.proxy.mutex.Unlock()
	if err != nil {
		c.raw.Close()
		<-next
		return err
	}
	return <-next
}

func (c *connection) answer(ctx context.Context, request *http.Request, body []byte, what string, entry *Entry) (string, error) {
	rule := c.proxy.rules.first(what, true)
	if rule.DelayMs > 0 {
		select {
		case <-ctx.Done():
			return "client", ctx.Err()
		case <-time.After(time.Duration(rule.DelayMs) * time.Millisecond):
		}
	}
	if !c.wait(ctx, what) {
		return "client", ctx.Err()
	}
	if rule.Refuse != "" {
		return "refused", c.end(rule.Refuse)
	}
	if rule.Status != 0 {
		head := http.Header{"Content-Type": {"application/json"}, "Content-Length": {strconv.Itoa(len(rule.Body))}}
		for name, value := range rule.Headers {
			head.Set(name, value)
		}
		c.proxy.note(entry, rule.Status, int64(len(rule.Body)))
		_, err := c.tls.Write(append(headOf(rule.Status, head), rule.Body...))
		return "answered", err
	}
	response, err := c.forward(ctx, request, body)
	if err != nil {
		if ctx.Err() != nil {
			return "client", ctx.Err()
		}
		// As a proxy of TCP would have it: the API server is not there, so neither are we.
		return "upstream", c.end("close")
	}
	defer response.Body.Close()
	c.proxy.note(entry, response.StatusCode, 0)
	if rule.Lose {
		io.Copy(io.Discard, response.Body)
		return "lost", c.end("close")
	}
	if !c.wait(ctx, what) {
		return "client", ctx.Err()
	}
	return c.deliver(ctx, response, what, rule, entry)
}

func (c *connection) forward(ctx context.Context, request *http.Request, body []byte) (*http.Response, error) {
	c.proxy.mutex.Lock()
	target := *c.proxy.upstream
	c.proxy.mutex.Unlock()
	target.Path, target.RawPath, target.RawQuery = request.URL.Path, request.URL.RawPath, request.URL.RawQuery
	out, err := http.NewRequestWithContext(ctx, request.Method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	out.Header = request.Header.Clone()
	for _, hop := range []string{"Connection", "Keep-Alive", "Te", "Trailer", "Upgrade"} {
		out.Header.Del(hop)
	}
	if c.proxy.agent != "" {
		out.Header.Set("User-Agent", c.proxy.agent)
	}
	return c.proxy.client.RoundTrip(out)
}

func headOf(status int, header http.Header) []byte {
	var head bytes.Buffer
	fmt.Fprintf(&head, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	header.Write(&head)
	head.WriteString("\r\n")
	return head.Bytes()
}

func (p *proxy) note(entry *Entry, status int, sent int64) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if status != 0 {
		entry.Status = status
	}
	entry.Bytes += sent
}

// deliver sends an answer on, a watch event by event, anything else as it comes.
func (c *connection) deliver(ctx context.Context, response *http.Response, what string, rule Rule, entry *Entry) (string, error) {
	header := response.Header.Clone()
	header.Del("Connection")
	header.Del("Content-Length")
	header.Set("Transfer-Encoding", "chunked")
	if _, err := c.tls.Write(headOf(response.StatusCode, header)); err != nil {
		return "client", err
	}
	pieces := make(chan []byte)
	var broken error
	go func() {
		defer close(pieces)
		reader := bufio.NewReaderSize(response.Body, 1<<16)
		watch := strings.Contains(what, "watch=1")
		protobuf := strings.HasPrefix(response.Header.Get("Content-Type"), "application/vnd.kubernetes.protobuf")
		for {
			var piece []byte
			var err error
			if watch && protobuf && response.StatusCode == http.StatusOK {
				piece, err = frame(reader)
			} else if watch {
				piece, err = reader.ReadBytes('\n')
			} else {
				piece = make([]byte, 1<<16)
				var size int
				size, err = reader.Read(piece)
				piece = piece[:size]
			}
			if len(piece) > 0 {
				select {
				case pieces <- piece:
				case <-ctx.Done():
					return
				}
			}
			if err != nil {
				if err != io.EOF {
					broken = err
				}
				return
			}
		}
	}()
	var previous []byte
	sent := 0
	for piece := range pieces {
		if !c.wait(ctx, what) {
			return "client", ctx.Err()
		}
		current := c.proxy.rules.first(what, false)
		if current.GatherMs > 0 {
			piece = gather(piece, pieces, time.Duration(current.GatherMs)*time.Millisecond)
		}
		out := piece
		if dropped(piece, current.Drop) {
			continue
		}
		for range make([]struct{}, current.Duplicate) {
			out = append(out[:len(out):len(out)], piece...)
		}
		if current.Replay && previous != nil {
			out = append(out[:len(out):len(out)], previous...)
		}
		previous = piece
		cut := rule.CutAt != nil && sent+len(out) >= *rule.CutAt
		if cut {
			out = out[:*rule.CutAt-sent]
		}
		if err := c.send(out, current.Segment); err != nil {
			return "client", err
		}
		sent += len(out)
		c.proxy.note(entry, 0, int64(len(out)))
		if cut && rule.Clean {
			break
		}
		if cut {
			return "cut", c.end("close")
		}
	}
	if ctx.Err() != nil {
		return "client", ctx.Err()
	}
	if broken != nil {
		return "upstream", c.end("close")
	}
	_, err := io.WriteString(c.tls, "0\r\n\r\n")
	return "complete", err
}

func gather(piece []byte, pieces <-chan []byte, window time.Duration) []byte {
	all := append([]byte{}, piece...)
	timer := time.After(window)
	for {
		select {
		case more, ok := <-pieces:
			if !ok {
				return all
			}
			all = append(all, more...)
		case <-timer:
			return all
		}
	}
}

// frame reads one of a watch in protobuf, with the four bytes of length that it begins with.
func frame(reader *bufio.Reader) ([]byte, error) {
	head := make([]byte, 4)
	if size, err := io.ReadFull(reader, head); err != nil {
		if err == io.ErrUnexpectedEOF {
			err = io.EOF
		}
		return head[:size], err
	}
	whole := append(head, make([]byte, binary.BigEndian.Uint32(head))...)
	size, err := io.ReadFull(reader, whole[4:])
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return whole[:4+size], err
}

func dropped(event []byte, types []string) bool {
	for _, name := range types {
		// In protobuf the type comes first, too: after the length of the frame, as field 1.
		protobuf := append([]byte{0x0a, byte(len(name))}, name...)
		if bytes.HasPrefix(event, []byte(`{"type":"`+name+`"`)) || len(event) > 4 && bytes.HasPrefix(event[4:], protobuf) {
			return true
		}
	}
	return false
}

// send writes one chunk, in as many TLS records as asked for.
func (c *connection) send(body []byte, segment int) error {
	if len(body) == 0 {
		return nil
	}
	chunk := append([]byte(fmt.Sprintf("%x\r\n", len(body))), body...)
	chunk = append(chunk, '\r', '\n')
	if segment <= 0 {
		segment = len(chunk)
	}
	for len(chunk) > 0 {
		size := min(segment, len(chunk))
		if _, err := c.tls.Write(chunk[:size]); err != nil {
			return err
		}
		chunk = chunk[size:]
	}
	return nil
}

// ---- control

func (p *proxy) control(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	err := func() error {
		switch name := strings.TrimPrefix(r.URL.Path, "/rules/"); {
		case r.Method == "PUT" && name != r.URL.Path:
			return p.rules.put(name, body)
		case r.Method == "DELETE" && name != r.URL.Path:
			p.rules.remove(name)
			return nil
		case r.Method == "DELETE" && r.URL.Path == "/rules":
			p.rules.remove("")
			return nil
		}
		switch r.Method + " " + r.URL.Path {
		case "POST /cut":
			return p.cut(r.URL.Query().Get("match"), r.URL.Query().Get("how"))
		case "PUT /listening":
			if string(body) == "on" {
				return p.open()
			}
			return p.listener.Close()
		case "PUT /upstream":
			upstream, err := url.Parse(string(body))
			if err == nil {
				p.mutex.Lock()
				p.upstream = upstream
				p.mutex.Unlock()
			}
			return err
		case "PUT /certificate":
			var pair struct{ Certificate, Key string }
			if err := json.Unmarshal(body, &pair); err != nil {
				return err
			}
			return p.load(pair.Certificate, pair.Key)
		case "GET /requests", "GET /count":
			return p.show(w, r)
		case "GET /handshakes":
			p.mutex.Lock()
			defer p.mutex.Unlock()
			return json.NewEncoder(w).Encode(map[string]int{"done": p.done, "failed": p.failed})
		}
		return fmt.Errorf("%s %s?", r.Method, r.URL.Path)
	}()
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func (p *proxy) cut(match, how string) error {
	pattern, err := regexp.Compile(match)
	if err != nil {
		return err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for c := range p.connections {
		if match == "" || pattern.MatchString(c.request.Load().(string)) {
			c.end(how)
		}
	}
	return nil
}

func (p *proxy) show(w http.ResponseWriter, r *http.Request) error {
	pattern, err := regexp.Compile(r.URL.Query().Get("match"))
	if err != nil {
		return err
	}
	since, _ := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
	count := 0
	out := json.NewEncoder(w)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, entry := range p.entries {
		if entry.At < since || !pattern.MatchString(entry.Request) {
			continue
		}
		count++
		if r.URL.Path == "/requests" {
			out.Encode(entry)
		}
	}
	if r.URL.Path == "/count" {
		fmt.Fprintln(w, count)
	}
	return nil
}
