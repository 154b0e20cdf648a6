package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"log"
	"reflect"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/randfill"
)

// samples writes random objects of all roots, each as an API server encodes it: its JSON, then its protobuf, with four bytes of length before either.
func samples(out io.Writer, each int, seed int64) {
	words := []string{"", "a", "web", "app.kubernetes.io/name", "ünï", "a \"quoted\"\nline", "10.0.0.1", "<b>"}
	fill := randfill.NewWithSeed(seed).NilChance(0.4).NumElements(0, 3).MaxDepth(12).Funcs(
		// A claim within a StatefulSet has a kind in JSON, and none in protobuf.
		func(*meta.TypeMeta, randfill.Continue) {},
		func(s *string, c randfill.Continue) { *s = words[c.Intn(len(words))] },
		// JSON has null for one that is not there, protobuf nothing.
		func(b *[]byte, c randfill.Continue) { *b = []byte(words[c.Intn(len(words))]) },
		func(n *int32, c randfill.Continue) { *n = []int32{0, 1, -1, 8080, -1 << 31, 1<<31 - 1}[c.Intn(6)] },
		func(n *int64, c randfill.Continue) { *n = []int64{0, 1, -1, 30, -1 << 63, 1<<63 - 1}[c.Intn(6)] },
		func(q *resource.Quantity, c randfill.Continue) {
			*q = resource.MustParse([]string{"0", "100m", "1Gi", "1500", "-2", "0.1", "1e3"}[c.Intn(7)])
		},
		func(t *meta.Time, c randfill.Continue) {
			*t = meta.Time{}
			if c.Intn(3) != 0 {
				*t = meta.Unix(c.Int63n(4e9)-1e9, 0)
			}
		},
		func(t *meta.MicroTime, c randfill.Continue) {
			*t = meta.MicroTime{}
			if c.Intn(3) != 0 {
				*t = meta.MicroTime{Time: time.Unix(c.Int63n(4e9), c.Int63n(1e6)*1000)}
			}
		},
		func(v *intstr.IntOrString, c randfill.Continue) {
			*v = []intstr.IntOrString{intstr.FromInt32(0), intstr.FromInt32(-3), intstr.FromString(""), intstr.FromString("25%")}[c.Intn(4)]
		},
		func(v *meta.FieldsV1, c randfill.Continue) {
			v.Raw = []byte([]string{"{}", `{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{}}}}`, `{"k:{\"name\":\"ünï\"}":{".":{}}}`}[c.Intn(3)])
		},
		func(v *runtime.RawExtension, c randfill.Continue) { v.Raw = []byte(`{"a":[1,"b"]}`) },
	)
	for _, one := range roots {
		group, err := schema.ParseGroupVersion(one.apiVersion)
		if err != nil {
			log.Fatal(err)
		}
		for range each {
			object := reflect.New(reflect.TypeOf(one.object)).Interface().(runtime.Object)
			fill.Fill(object)
			object.GetObjectKind().SetGroupVersionKind(group.WithKind(reflect.TypeOf(one.object).Name()))
			text, err := json.Marshal(object)
			if err != nil {
				log.Fatalf("%s: %v", one.apiVersion, err)
			}
			var encoded bytes.Buffer
			if err := protobuf.NewSerializer(nil, nil).Encode(object, &encoded); err != nil {
				log.Fatal(err)
			}
			for _, part := range [][]byte{text, encoded.Bytes()} {
				binary.Write(out, binary.BigEndian, uint32(len(part)))
				if _, err := out.Write(part); err != nil {
					log.Fatal(err)
				}
			}
		}
	}
}
