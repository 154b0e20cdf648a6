// Command kubernetes_messages writes messages.inc: which field of which Kubernetes type has which number in protobuf, and how JSON calls and omits it.
//
// It reads the struct tags of k8s.io/api, which are what the API server itself encodes by. Numbers are never given twice, so a newer table reads older servers;
// a number that it does not have is told, and the kind is read as JSON.
//
// usage: go run . > messages.inc
//
//	go run . -samples 20 > FILE    random objects, which tests/api/kubernetes_protobuf_test.cc reads (samples.go)
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"reflect"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	scheduling "k8s.io/api/scheduling/v1"
	storage "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The kinds that the operator watches (src/vocabulary/kind.cc) and that an API server serves as protobuf, and what its refusals are.
var roots = []struct {
	apiVersion string
	object     any
}{
	{"admissionregistration.k8s.io/v1", admissionregistration.MutatingWebhookConfiguration{}},
	{"admissionregistration.k8s.io/v1", admissionregistration.ValidatingWebhookConfiguration{}},
	{"apps/v1", apps.DaemonSet{}},
	{"apps/v1", apps.Deployment{}},
	{"apps/v1", apps.ReplicaSet{}},
	{"apps/v1", apps.StatefulSet{}},
	{"autoscaling/v2", autoscaling.HorizontalPodAutoscaler{}},
	{"batch/v1", batch.CronJob{}},
	{"batch/v1", batch.Job{}},
	{"discovery.k8s.io/v1", discovery.EndpointSlice{}},
	{"networking.k8s.io/v1", networking.Ingress{}},
	{"networking.k8s.io/v1", networking.NetworkPolicy{}},
	{"policy/v1", policy.PodDisruptionBudget{}},
	{"rbac.authorization.k8s.io/v1", rbac.ClusterRoleBinding{}},
	{"rbac.authorization.k8s.io/v1", rbac.RoleBinding{}},
	{"scheduling.k8s.io/v1", scheduling.PriorityClass{}},
	{"storage.k8s.io/v1", storage.StorageClass{}},
	{"v1", core.ConfigMap{}},
	{"v1", core.LimitRange{}},
	{"v1", core.Namespace{}},
	{"v1", core.Node{}},
	{"v1", core.PersistentVolume{}},
	{"v1", core.PersistentVolumeClaim{}},
	{"v1", core.Pod{}},
	{"v1", core.ResourceQuota{}},
	{"v1", core.Service{}},
	{"v1", core.ServiceAccount{}},
	{"v1", meta.Status{}},
}

type field struct {
	number, message int
	name            string
	kind            string
	flags           []string
}

type message struct {
	name   string
	fields []field
}

var (
	messages []message
	places   = map[reflect.Type]int{}
)

var special = map[reflect.Type]string{
	reflect.TypeFor[resource.Quantity]():    "kQuantity",
	reflect.TypeFor[intstr.IntOrString]():   "kIntOrString",
	reflect.TypeFor[meta.Time]():            "kTime",
	reflect.TypeFor[meta.MicroTime]():       "kMicroTime",
	reflect.TypeFor[meta.FieldsV1]():        "kJson",
	reflect.TypeFor[runtime.RawExtension](): "kJson",
}

// kindOf answers the field's kind, and the message that it consists of.
func kindOf(of reflect.Type) (string, int) {
	if kind, ok := special[of]; ok {
		return kind, 0
	}
	switch of.Kind() {
	case reflect.String:
		return "kString", 0
	case reflect.Bool:
		return "kBool", 0
	case reflect.Int32, reflect.Int64, reflect.Int:
		return "kInt", 0
	case reflect.Struct:
		return "kMessage", place(of)
	}
	log.Fatalf("no kind for %v", of)
	return "", 0
}

func fieldOf(of reflect.Type, f reflect.StructField) (field, bool) {
	tag, ok := f.Tag.Lookup("protobuf")
	if !ok || tag == "-" {
		if f.Name != "TypeMeta" && tag != "-" {
			log.Fatalf("%v.%s has no number", of, f.Name)
		}
		return field{}, false
	}
	number, err := strconv.Atoi(strings.Split(tag, ",")[1])
	if err != nil {
		log.Fatal(err)
	}
	written := strings.Split(f.Tag.Get("json"), ",")
	one := field{number: number, name: written[0]}
	omit, omitZero := false, false
	for _, option := range written[1:] {
		omit = omit || option == "omitempty"
		omitZero = omitZero || option == "omitzero"
	}
	t := f.Type
	pointer := t.Kind() == reflect.Pointer
	if pointer {
		t = t.Elem()
	}
	switch {
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		one.kind = "kBytes"
		if omit {
			one.flags = append(one.flags, "kOmit")
		}
	case t.Kind() == reflect.Slice:
		element := t.Elem()
		if element.Kind() == reflect.Pointer {
			element = element.Elem()
		}
		one.kind, one.message = kindOf(element)
		one.flags = append(one.flags, "kRepeated")
	case t.Kind() == reflect.Map:
		if t.Key().Kind() != reflect.String {
			log.Fatalf("%v.%s: a map by %v", of, f.Name, t.Key())
		}
		value := t.Elem()
		if value.Kind() == reflect.Slice && value.Elem().Kind() == reflect.Uint8 {
			one.kind = "kBytes"
		} else {
			one.kind, one.message = kindOf(value)
		}
		one.flags = append(one.flags, "kMap")
	default:
		one.kind, one.message = kindOf(t)
		if f.Anonymous && one.name == "" {
			one.flags = append(one.flags, "kInline")
		} else if one.name == "" {
			log.Fatalf("%v.%s has no name", of, f.Name)
		}
		scalar := one.kind == "kString" || one.kind == "kInt" || one.kind == "kBool"
		if !pointer && (omit && scalar || omitZero) {
			one.flags = append(one.flags, "kOmit")
		}
	}
	return one, true
}

func place(of reflect.Type) int {
	if at, ok := places[of]; ok {
		return at
	}
	at := len(messages)
	places[of] = at
	messages = append(messages, message{name: of.Name()})
	var fields []field
	for i := range of.NumField() {
		if one, ok := fieldOf(of, of.Field(i)); ok {
			fields = append(fields, one)
		}
	}
	sort.Slice(fields, func(i, j int) bool { return fields[i].number < fields[j].number })
	messages[at].fields = fields
	return at
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "k8s.io/api" {
			return module.Version
		}
	}
	return "of an unknown version"
}

func main() {
	each := flag.Int("samples", 0, "so many random objects of each kind, in place of the table")
	flag.Parse()
	if *each != 0 {
		out := bufio.NewWriter(os.Stdout)
		defer out.Flush()
		samples(out, *each, 1)
		return
	}
	table(os.Stdout)
}

func table(out io.Writer) {
	type root struct {
		apiVersion, kind string
		message          int
	}
	var all []root
	for _, one := range roots {
		of := reflect.TypeOf(one.object)
		all = append(all, root{one.apiVersion, of.Name(), place(of)})
	}
	// Members of a list's metadata; the items are what it is a list of.
	list := place(reflect.TypeFor[meta.ListMeta]())

	names := map[string]int{}
	var text strings.Builder
	nameAt := func(name string) int {
		at, ok := names[name]
		if !ok {
			at = text.Len()
			names[name] = at
			text.WriteString(name)
		}
		return at
	}
	fmt.Fprintf(out, "// Written by main.go from k8s.io/api %s: not to be edited.\n// clang-format off\n", version())
	begins := []int{0}
	fmt.Fprintln(out, "constexpr ProtobufField kFields[] = {")
	for _, one := range messages {
		fmt.Fprintf(out, "    // %d: %s\n", len(begins)-1, one.name)
		for _, f := range one.fields {
			flags := "0"
			if len(f.flags) != 0 {
				flags = "ProtobufField::" + strings.Join(f.flags, " | ProtobufField::")
			}
			fmt.Fprintf(out, "    {%d, %d, %d, %d, ProtobufType::%s, %s},  // %s\n", f.number, f.message, nameAt(f.name), len(f.name), f.kind, flags, f.name)
		}
		begins = append(begins, begins[len(begins)-1]+len(one.fields))
	}
	fmt.Fprintln(out, "};\nconstexpr std::uint16_t kBegins[] = {")
	for i, begin := range begins {
		end := ","
		if i%20 == 19 || i == len(begins)-1 {
			end = ",\n"
		} else {
			end = ", "
		}
		if i%20 == 0 {
			fmt.Fprint(out, "    ")
		}
		fmt.Fprintf(out, "%d%s", begin, end)
	}
	fmt.Fprintln(out, "};\nconstexpr char kNames[] =")
	written := text.String()
	for len(written) > 0 {
		size := min(120, len(written))
		fmt.Fprintf(out, "    %q\n", written[:size])
		written = written[size:]
	}
	fmt.Fprintln(out, "    ;\nconstexpr Root kRoots[] = {")
	for _, one := range all {
		fmt.Fprintf(out, "    {%q, %q, %d},\n", one.apiVersion, one.kind, one.message)
	}
	fmt.Fprintf(out, "};\nconstexpr std::uint16_t kListMeta = %d;\n// clang-format on\n", list)
}
