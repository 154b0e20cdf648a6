package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// page calls `each` for every series of the family, and stops reading where the family ends: of a page of many megabytes only that is made and sent. What
// it passes is valid during the call. It allocates nothing per series: on two cores the time it takes is time that who is looked at does not get.
func (ch *changer) page(each func(key, value []byte)) error {
	socket, err := net.DialTimeout("tcp", ch.metrics.Host, 5*time.Second)
	if err != nil {
		return err
	}
	defer socket.Close()
	socket.SetDeadline(time.Now().Add(30 * time.Second))
	fmt.Fprintf(socket, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: identity\r\n\r\n", ch.metrics.Path, ch.metrics.Host)
	response, err := http.ReadResponse(bufio.NewReaderSize(socket, 1<<16), nil)
	if err != nil {
		return err
	}
	reader := bufio.NewReaderSize(response.Body, 1<<16)
	prefix := []byte(ch.family + "{")
	namespace, name := needles("namespace"), needles(ch.nameLabel)
	var key []byte
	inside := false
	for {
		line, err := reader.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if !bytes.HasPrefix(line, prefix) {
			if inside {
				return nil
			}
			continue
		}
		inside = true
		value := line[bytes.LastIndexByte(line, ' ')+1 : len(line)-1]
		key = append(append(append(key[:0], label(line, namespace)...), '/'), label(line, name)...)
		each(key, value)
	}
}

// What a label's value follows: the first of its line, or another.
func needles(name string) [2][]byte {
	return [2][]byte{[]byte("{" + name + `="`), []byte("," + name + `="`)}
}

func label(line []byte, needles [2][]byte) []byte {
	for _, needle := range needles {
		if at := bytes.Index(line, needle); at >= 0 {
			rest := line[at+len(needle):]
			return rest[:max(0, bytes.IndexByte(rest, '"'))]
		}
	}
	return nil
}

func (ch *changer) values() (map[string]string, error) {
	values := map[string]string{}
	err := ch.page(func(key, value []byte) { values[string(key)] = string(value) })
	return values, err
}
