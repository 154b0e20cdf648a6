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

// page calls `each` for every series of the family, and stops reading where the family ends: of a page of many megabytes only that is made and sent.
func (ch *changer) page(each func(key, value string)) error {
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
		each(label(line, "namespace")+"/"+label(line, ch.nameLabel), string(value))
	}
}

func label(line []byte, name string) string {
	for _, before := range []string{"{", ","} {
		if _, rest, ok := bytes.Cut(line, []byte(before+name+`="`)); ok {
			value, _, _ := bytes.Cut(rest, []byte{'"'})
			return string(value)
		}
	}
	return ""
}

func (ch *changer) values() (map[string]string, error) {
	values := map[string]string{}
	err := ch.page(func(key, value string) { values[key] = value })
	return values, err
}
