package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"strconv"
	"strings"
)

// eachItem reads bench_generate's output.
func eachItem(path string, each func(item) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	reader := bufio.NewReaderSize(file, 1<<20)
	decoder := json.NewDecoder(reader)
	for decoder.More() {
		var one item
		if err := decoder.Decode(&one); err != nil {
			return err
		}
		if err := each(one); err != nil {
			return err
		}
	}
	return nil
}

// template is an object's text, cut at its placeholders (objects.h lists them).
type template struct {
	texts [][]byte // one more than words
	words []string
}

func parse(text []byte) template {
	var t template
	begin, from := 0, 0
	for {
		at := bytes.IndexByte(text[from:], '@')
		if at < 0 {
			break
		}
		at += from
		end := bytes.IndexByte(text[at+1:], '@')
		if end < 0 {
			break
		}
		end += at + 1
		word := string(text[at+1 : end])
		switch {
		case word == "i", word == "n", word == "node", word == "ip", word == "uid", word == "rv", strings.HasPrefix(word, "uid "):
			t.texts = append(t.texts, text[begin:at])
			t.words = append(t.words, word)
			begin, from = end+1, end+1
		default:
			from = at + 1
		}
	}
	t.texts = append(t.texts, text[begin:])
	return t
}

// resolve replaces what is the same for all copies.
func (t template) resolve(uid func(reference string) string) template {
	out := template{texts: [][]byte{bytes.Clone(t.texts[0])}}
	for i, word := range t.words {
		if reference, ok := strings.CutPrefix(word, "uid "); ok {
			last := &out.texts[len(out.texts)-1]
			*last = append(append(*last, uid(reference)...), t.texts[i+1]...)
			continue
		}
		out.words = append(out.words, word)
		out.texts = append(out.texts, bytes.Clone(t.texts[i+1]))
	}
	return out
}

type copyOf struct {
	copy, number, nodes int
	version             uint64
}

func (t template) expand(out []byte, c copyOf) []byte {
	for i, word := range t.words {
		out = append(out, t.texts[i]...)
		switch word {
		case "i":
			out = strconv.AppendInt(out, int64(c.copy), 10)
		case "n":
			out = appendLetters(out, uint64(c.number))
			out = strconv.AppendInt(out, int64(c.copy), 10)
		case "node":
			out = append(out, "node-"...)
			out = strconv.AppendInt(out, int64(c.number*7919%max(c.nodes, 1)), 10)
		case "ip":
			out = fmt.Appendf(out, "10.%d.%d.%d", 64+c.number/65536, c.number/256%256, c.number%256)
		case "uid":
			out = append(out, makeUID(uint64(c.number), 1)...)
		case "rv":
			out = strconv.AppendUint(out, c.version, 10)
		}
	}
	return append(out, t.texts[len(t.texts)-1]...)
}

func mix(state *uint64) uint64 {
	*state += 0x9e3779b97f4a7c15
	z := *state
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

func appendLetters(out []byte, number uint64) []byte {
	state := number + 17
	for range 5 {
		out = append(out, "bcdfghjklmnpqrstvwxz2456789"[mix(&state)%27])
	}
	return out
}

func makeUID(a, b uint64) string {
	state := a*0x9e3779b97f4a7c15 + b
	x, y := mix(&state), mix(&state)
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", uint32(x>>32), uint16(x>>16), x&0xfff, y>>52, y&0xffffffffffff)
}

func hash(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}
