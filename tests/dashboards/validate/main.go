// validate: what is wrong with dashboards, rules and runbooks, without a Grafana or a Prometheus that runs.
//
//   - dashboards: Grafana's schema, strictly (unknown fields and wrong types fail), one uid each, a description on each panel;
//   - every query parses as PromQL, and each metric, label matcher, `by` label, legend and column is one that the metric table
//     (docs/metrics.md) or a recording rule gives;
//   - workload series are never counted before duplicates of a second replica are removed;
//   - rules: labels of annotations exist, `for`, severity, summary without labels, a runbook section each, and a test that fires and
//     one that does not;
//   - runbooks: metrics that are named exist, and no section is without an alert.
//
// usage: validate ROOT
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"gopkg.in/yaml.v3"
)

type set map[string]bool

func setOf(names ...string) set {
	made := set{}
	for _, name := range names {
		made[name] = true
	}
	return made
}

func (s set) union(other set) set {
	made := set{}
	for name := range s {
		made[name] = true
	}
	for name := range other {
		made[name] = true
	}
	return made
}

func (s set) sorted() []string {
	names := []string{}
	for name := range s {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

type metric struct {
	labels set
	leader bool // exported by the leader alone: with a second one for a moment, twice
}

// What scraping adds. `cluster` is optional.
var ofTarget = setOf("cluster", "job", "instance")

type checker struct {
	metrics map[string]metric
	bad     []string
	place   string
}

func (c *checker) fail(format string, arguments ...any) {
	c.bad = append(c.bad, c.place+": "+fmt.Sprintf(format, arguments...))
}

var tableRow = regexp.MustCompile("^\\| `([a-z_]+)` \\| (gauge|counter|histogram) \\| ([a-z_, ]*)\\|")

func (c *checker) readTable(path string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	leader := false
	for _, line := range strings.Split(string(page), "\n") {
		switch line {
		case "## The audit":
			leader = true
		case "## The operator":
			leader = false
		}
		match := tableRow.FindStringSubmatch(line)
		if match == nil {
			continue
		}
		names := set{}
		for _, name := range strings.Split(match[3], ",") {
			if name = strings.TrimSpace(name); name != "" {
				names[name] = true
			}
		}
		one := metric{names.union(ofTarget), leader}
		if match[2] == "histogram" {
			c.metrics[match[1]+"_bucket"] = metric{one.labels.union(setOf("le")), leader}
			c.metrics[match[1]+"_sum"], c.metrics[match[1]+"_count"] = one, one
			continue
		}
		c.metrics[match[1]] = one
	}
	if len(c.metrics) < 40 {
		return fmt.Errorf("%s: only %d metrics were read", path, len(c.metrics))
	}
	return nil
}

// labelsOf: the labels that the result of an expression may have. `single`: whether duplicates are gone.
func (c *checker) labelsOf(expression parser.Expr) (names set, single bool) {
	switch e := expression.(type) {
	case *parser.VectorSelector:
		return c.selector(e)
	case *parser.MatrixSelector:
		return c.labelsOf(e.VectorSelector)
	case *parser.SubqueryExpr:
		return c.labelsOf(e.Expr)
	case *parser.ParenExpr:
		return c.labelsOf(e.Expr)
	case *parser.StepInvariantExpr:
		return c.labelsOf(e.Expr)
	case *parser.UnaryExpr:
		return c.labelsOf(e.Expr)
	case *parser.AggregateExpr:
		return c.aggregate(e)
	case *parser.Call:
		names, single = set{}, true
		for _, argument := range e.Args {
			if argument.Type() == parser.ValueTypeVector || argument.Type() == parser.ValueTypeMatrix {
				names, single = c.labelsOf(argument)
			}
		}
		switch e.Func.Name {
		case "histogram_quantile":
			delete(names, "le")
		case "absent":
			single = true
		case "label_replace", "label_join":
			c.fail("%s is not known to this tool", e.Func.Name)
		}
		return names, single
	case *parser.BinaryExpr:
		return c.binary(e)
	}
	return set{}, true
}

func (c *checker) selector(e *parser.VectorSelector) (set, bool) {
	var found []metric
	for _, matcher := range e.LabelMatchers {
		if matcher.Name != labels.MetricName {
			continue
		}
		for name, one := range c.metrics {
			if matcher.Matches(name) {
				found = append(found, one)
			}
		}
		if matcher.Type == labels.MatchRegexp {
			for _, name := range strings.Split(matcher.Value, "|") {
				if _, known := c.metrics[name]; !known {
					c.fail("no metric %s", name)
				}
			}
		}
	}
	if len(found) == 0 {
		c.fail("no metric like %s", e)
		return set{}, true
	}
	names, single := set{}, true
	for _, one := range found {
		names = names.union(one.labels)
		single = single && !one.leader
	}
	for _, matcher := range e.LabelMatchers {
		if matcher.Name != labels.MetricName && !names[matcher.Name] {
			c.fail("%s has no label %s", e, matcher.Name)
		}
	}
	return names, single
}

func (c *checker) aggregate(e *parser.AggregateExpr) (set, bool) {
	names, single := c.labelsOf(e.Expr)
	for _, name := range e.Grouping {
		if !names[name] {
			c.fail("by (%s): there is no such label in %s", name, e.Expr)
		}
	}
	keeps := e.Op == parser.TOPK || e.Op == parser.BOTTOMK
	switch e.Op {
	case parser.MAX, parser.MIN, parser.GROUP:
		single = true
	default:
		if !single && !keeps {
			c.fail("%s counts duplicates of a second replica: max by (...) first", e)
		}
	}
	if e.Without {
		c.fail("%s: say by and not without, so that new labels do not change it", e)
	}
	if keeps {
		return names, single
	}
	return setOf(e.Grouping...), single
}

func (c *checker) binary(e *parser.BinaryExpr) (set, bool) {
	left, leftSingle := c.labelsOf(e.LHS)
	right, rightSingle := c.labelsOf(e.RHS)
	if e.LHS.Type() != parser.ValueTypeVector {
		return right, rightSingle
	}
	if e.RHS.Type() != parser.ValueTypeVector {
		return left, leftSingle
	}
	if e.VectorMatching != nil && e.VectorMatching.On {
		for _, name := range e.VectorMatching.MatchingLabels {
			if !left[name] || !right[name] {
				c.fail("on (%s): both sides need that label: %s", name, e)
			}
		}
	}
	switch e.Op {
	case parser.LOR:
		return left.union(right), leftSingle && rightSingle
	case parser.LAND, parser.LUNLESS:
		return left, leftSingle
	}
	if !leftSingle || !rightSingle {
		c.fail("%s matches series that may be there twice: max by (...) first", e)
	}
	return left, true
}

func (c *checker) expression(text string) set {
	parsed, err := parser.ParseExpr(text)
	if err != nil {
		c.fail("%v: %s", err, text)
		return set{}
	}
	names, _ := c.labelsOf(parsed)
	return names
}

// ---- dashboards ---------------------------------------------------------------------------------------------------------

type panelJSON struct {
	Type, Title, Description string
	Targets                  []struct{ Expr, LegendFormat, RefID string }
	Transformations          []struct {
		ID      string
		Options struct {
			ExcludeByName map[string]bool
			IndexByName   map[string]int
			RenameByName  map[string]string
		}
	}
	FieldConfig struct {
		Overrides []struct{ Matcher struct{ ID, Options string } }
	}
	GridPos struct{ X, Y, W, H int }
}

type dashboardJSON struct {
	ID           *int
	UID, Refresh string
	Tags         []string
	Annotations  struct {
		List []struct{ Name, Expr string }
	}
	Templating struct {
		List []struct {
			Name, Type string
			Query      json.RawMessage
		}
	}
	Panels []panelJSON
}

var (
	variable    = regexp.MustCompile(`\$\{(\w+)(?::\w+)?\}|\$(\w+)`)
	inLegend    = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)
	labelValues = regexp.MustCompile(`^label_values\((.*), (\w+)\)$`)
)

// put replaces variables by what any value would do, and tells those that are not defined.
func (c *checker) put(text string, defined set) string {
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		match := variable.FindStringSubmatch(found)
		name := match[1] + match[2]
		switch name {
		case "__rate_interval", "__range", "__interval":
			return "5m"
		case "__range_s":
			return "300"
		}
		if !defined[name] {
			c.fail("no variable $%s", name)
		}
		return "x"
	})
}

func (c *checker) dashboard(path string, uids set) {
	c.place = filepath.Base(path)
	content, err := os.ReadFile(path)
	if err != nil {
		c.fail("%v", err)
		return
	}
	var typed dashboard.Dashboard
	if err := typed.UnmarshalJSONStrict(content); err != nil {
		// The module returns a typed nil where nothing is wrong.
		var all cog.BuildErrors
		if !errors.As(err, &all) || len(all) != 0 {
			c.fail("%v", err)
		}
	}
	var read dashboardJSON
	if err := json.Unmarshal(content, &read); err != nil {
		c.fail("%v", err)
		return
	}
	if read.ID != nil || read.UID != strings.TrimSuffix(c.place, ".json") || uids[read.UID] || read.Refresh != "1m" || len(read.Tags) == 0 {
		c.fail("wants id null, its file's name as uid, refresh 1m and tags")
	}
	uids[read.UID] = true
	file, defined := c.place, set{}
	for _, one := range read.Templating.List {
		c.place = file + " / $" + one.Name
		var query struct{ Query string }
		if one.Type == "query" {
			if err := json.Unmarshal(one.Query, &query); err != nil {
				c.fail("%v", err)
			}
			match := labelValues.FindStringSubmatch(c.put(query.Query, defined))
			if match == nil {
				c.fail("not label_values(selector, label): %s", query.Query)
			} else if !c.expression(match[1])[match[2]] {
				c.fail("%s has no label %s", match[1], match[2])
			}
		}
		defined[one.Name] = true
	}
	for _, one := range read.Annotations.List {
		if one.Expr != "" {
			c.place = file + " / annotation " + one.Name
			c.expression(c.put(one.Expr, defined))
		}
	}
	var placed []panelJSON
	for _, one := range read.Panels {
		c.place = file + " / " + one.Title
		c.panel(one, defined)
		for _, other := range placed {
			a, b := one.GridPos, other.GridPos
			if one.Title == other.Title {
				c.fail("two panels have that title")
			}
			if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				c.fail("lies over %s", other.Title)
			}
		}
		if one.GridPos.X < 0 || one.GridPos.X+one.GridPos.W > 24 {
			c.fail("lies outside the grid")
		}
		placed = append(placed, one)
	}
}

func (c *checker) panel(one panelJSON, defined set) {
	if one.Type == "row" || one.Type == "text" {
		return
	}
	if one.Description == "" {
		c.fail("no description")
	}
	if len(one.Targets) == 0 {
		c.fail("no query")
	}
	known := setOf("Time")
	for _, target := range one.Targets {
		names := c.expression(c.put(target.Expr, defined))
		for _, match := range inLegend.FindAllStringSubmatch(target.LegendFormat, -1) {
			if !names[match[1]] {
				c.fail("legend {{%s}}: there is no such label in %s", match[1], target.Expr)
			}
		}
		known = known.union(names)
		known["Value"], known["Value #"+target.RefID] = true, true
	}
	headings := set{}
	for _, step := range one.Transformations {
		for name := range step.Options.ExcludeByName {
			if !known[name] {
				c.fail("hides %s, which is not there", name)
			}
		}
		for name, heading := range step.Options.RenameByName {
			if !known[name] {
				c.fail("renames %s, which is not there", name)
			}
			headings[heading] = true
		}
	}
	if one.Type == "table" {
		for _, override := range one.FieldConfig.Overrides {
			if !headings[override.Matcher.Options] {
				c.fail("a column %s is formatted, but not there", override.Matcher.Options)
			}
		}
	}
}

// ---- rules --------------------------------------------------------------------------------------------------------------

type rule struct {
	Record, Alert, Expr string
	For                 *string
	Labels, Annotations map[string]string
}

func readYAML(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return yaml.Unmarshal(content, into)
}

var (
	inAnnotation = regexp.MustCompile(`\$labels\.(\w+)`)
	recordName   = regexp.MustCompile(`^[a-z_]+:seaworthy_[a-z_]+:[a-z0-9]+$`)
	named        = regexp.MustCompile("`?\\b((?:seaworthy|workqueue|rest_client|leader_election|process)_[a-z_]+)\\b")
	section      = regexp.MustCompile(`(?m)^## (\w+)$`)
)

func (c *checker) rules(root string) {
	folder := filepath.Join(root, "charts/seaworthy/files/rules")
	var all []rule
	for _, name := range []string{"recording.yaml", "alerts.yaml"} {
		var file struct{ Groups []struct{ Rules []rule } }
		c.place = name
		if err := readYAML(filepath.Join(folder, name), &file); err != nil {
			c.fail("%v", err)
		}
		for _, group := range file.Groups {
			all = append(all, group.Rules...)
		}
	}
	// A recording rule may read its own last value: it has the labels that it would have without.
	for _, one := range all {
		if one.Record != "" {
			level := strings.Split(strings.SplitN(one.Record, ":", 2)[0], "_")
			c.metrics[one.Record] = metric{setOf(level...), false}
		}
	}
	for range 2 {
		for _, one := range all {
			if one.Record == "" {
				continue
			}
			quiet := checker{metrics: c.metrics}
			c.metrics[one.Record] = metric{c.metrics[one.Record].labels.union(quiet.expression(one.Expr)), false}
		}
	}
	tests := c.readTests(filepath.Join(root, "tests/rules"))
	page, err := os.ReadFile(filepath.Join(root, "docs/runbooks.md"))
	if err != nil {
		c.fail("%v", err)
	}
	sections := set{}
	for _, match := range section.FindAllStringSubmatch(string(page), -1) {
		sections[match[1]] = true
	}
	for _, one := range all {
		c.place = one.Record + one.Alert
		names := c.expression(one.Expr)
		if one.Record != "" {
			if !recordName.MatchString(one.Record) {
				c.fail("a recording rule is named level:metric:operation")
			}
			continue
		}
		if !strings.HasPrefix(one.Alert, "Seaworthy") || one.For == nil {
			c.fail("wants the prefix Seaworthy and a `for`")
		}
		if severity := one.Labels["severity"]; severity != "critical" && severity != "warning" && severity != "info" {
			c.fail("severity is critical, warning or info, and not %q", severity)
		}
		if summary := one.Annotations["summary"]; summary == "" || strings.Contains(summary, "{{") {
			c.fail("summary is a fixed sentence")
		}
		if one.Annotations["description"] == "" || one.Annotations["runbook_url"] != "docs/runbooks.md#"+strings.ToLower(one.Alert) {
			c.fail("wants a description and its runbook_url")
		}
		for _, text := range one.Annotations {
			for _, match := range inAnnotation.FindAllStringSubmatch(text, -1) {
				if !names[match[1]] {
					c.fail("an annotation names the label %s; there are %v", match[1], names.sorted())
				}
			}
		}
		if names["severity"] {
			c.fail("the series' label severity would meet the alert's")
		}
		if !sections[one.Alert] {
			c.fail("no section in docs/runbooks.md")
		}
		delete(sections, one.Alert)
		if !tests[one.Alert].fires || !tests[one.Alert].quiet {
			c.fail("tests/rules: wants a case that fires and one that does not: %+v", tests[one.Alert])
		}
	}
	c.place = "docs/runbooks.md"
	for name := range sections {
		c.fail("a section for %s, which is no alert", name)
	}
	for _, match := range named.FindAllStringSubmatch(string(page), -1) {
		if _, known := c.metrics[match[1]]; !known {
			c.fail("no metric %s", match[1])
		}
	}
}

type outcome struct{ fires, quiet bool }

func (c *checker) readTests(folder string) map[string]outcome {
	found := map[string]outcome{}
	files, _ := filepath.Glob(filepath.Join(folder, "*.test.yaml"))
	for _, path := range files {
		var file struct {
			Tests []struct {
				Cases []struct {
					Alert    string `yaml:"alertname"`
					Expected []any  `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
			}
		}
		c.place = filepath.Base(path)
		if err := readYAML(path, &file); err != nil {
			c.fail("%v", err)
		}
		for _, test := range file.Tests {
			for _, one := range test.Cases {
				now := found[one.Alert]
				if len(one.Expected) != 0 {
					now.fires = true
				} else {
					now.quiet = true
				}
				found[one.Alert] = now
			}
		}
	}
	return found
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: validate ROOT")
		os.Exit(2)
	}
	root := os.Args[1]
	plugins.RegisterDefaultPlugins()
	c := &checker{metrics: map[string]metric{}}
	if err := c.readTable(filepath.Join(root, "docs/metrics.md")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	files, _ := filepath.Glob(filepath.Join(root, "dashboards/*.json"))
	if len(files) == 0 {
		fmt.Fprintln(os.Stderr, "no dashboards")
		os.Exit(2)
	}
	uids := set{}
	for _, path := range files {
		c.dashboard(path, uids)
	}
	c.rules(root)
	for _, line := range c.bad {
		fmt.Println(line)
	}
	if len(c.bad) != 0 {
		os.Exit(1)
	}
	fmt.Printf("%d dashboards, rules and runbooks: nothing is wrong\n", len(files))
}
