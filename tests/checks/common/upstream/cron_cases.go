// Writes cron_schedule_cases.txt: what github.com/robfig/cron, the library of the CronJob controller, makes of schedules.
//
//	go run . > ../cron_schedule_cases.txt
package main

import (
	"fmt"
	"math/rand"
	"os"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// As pkg/apis/batch/validation does it: some texts panic.
func parse(text string) (schedule cron.Schedule, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return cron.ParseStandard(text)
}

var zones = []string{"", "UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Sao_Paulo", "America/Santiago",
	"Africa/Cairo", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Jerusalem", "Asia/Beirut", "Asia/Gaza", "Australia/Sydney", "Australia/Lord_Howe",
	"Pacific/Chatham", "America/Nuuk", "Antarctica/Troll", "America/Havana", "Atlantic/Azores"}

func pick(r *rand.Rand, of ...string) string { return of[r.Intn(len(of))] }

func field(r *rand.Rand, min, max int, names []string) string {
	value := func() string {
		if len(names) > 0 && r.Intn(4) == 0 {
			return pick(r, names...)
		}
		return fmt.Sprint(min + r.Intn(max-min+1))
	}
	one := func() string {
		switch r.Intn(8) {
		case 0, 1, 2:
			return "*"
		case 3:
			return "*/" + fmt.Sprint(1+r.Intn(max))
		case 4:
			return value() + "-" + value()
		case 5:
			return value() + "/" + fmt.Sprint(1+r.Intn(9))
		case 6:
			return value() + "-" + value() + "/" + fmt.Sprint(1+r.Intn(4))
		}
		return value()
	}
	text := one()
	for r.Intn(4) == 0 {
		text += "," + one()
	}
	return text
}

func main() {
	r := rand.New(rand.NewSource(1))
	months := strings.Fields("jan feb MAR Apr may jun jul aug sep oct nov dec")
	days := strings.Fields("sun Mon TUE wed thu fri sat")
	fixed := []string{"", " ", "* * * *", "* * * * *", "* * * * * *", "60 * * * *", "-1 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 0 *",
		"* * * 13 *", "* * * * 7", "* * * * 0-7", "*/0 * * * *", "*/70 * * * *", "5/15 * * * *", "5-2 * * * *", "1-2-3 * * * *", "1/2/3 * * * *", "a * * * *",
		"+5 * * * *", "0x5 * * * *", "1_0 * * * *", ", * * * *", "1,,2 * * * *", "? ? ? ? ?", "*-5 * * * *", "*-x/3 * * * *", "* * * january *", "* * * * sunday",
		"* * * jan-mar mon-fri", "* * * dec-jan *", "5 4 1 * sun", "5 4 */1 * sun", "5 4 */2 * sun", "0 0 31 2 *", "0 0 30 2 *", "0 0 29 2 *", "0 0 31 * *", "59 23 31 12 *",
		"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly", "@reboot", "@Daily", "@every", "@every ", "@every 1h30m", "@every 90m",
		"@every 0", "@every 0.1s", "@every 1.5h", "@every -1h", "@every 1", "@every 1d", "@every 1h30", "@every 500ms", "@every 1500ms", "@every .5h", "@every 1.h",
		"@every .h", "@every 1h 2m", "@every 9999999h", "@every 0.1s0.9s", "@every +2m", "@every 1us", "@every 3000000us", "  0 3 * * *  ", "0\t3 * * *",
		"TZ=Europe/Berlin 0 3 * * *", "CRON_TZ=Europe/Berlin 0 3 * * *", "TZ=Nowhere/Land 0 3 * * *", "TZ=europe/berlin 0 3 * * *", "TZ=UTC", "TZ= 0 3 * * *",
		"TZ=Asia/Tokyo @daily", "TZ=Asia/Tokyo @every 2h", "TZ=Asia/Tokyo   30 2 * * *", "tz=UTC 0 3 * * *", "0 3 * * * TZ=UTC", "99999999999999999999 * * * *", "*/9223372036854775807 * * * *",
		"*/9223372036854775808 * * * *", "0 2,14 1,15 * *", "30 6-16/4 * * 1-5", "*/7 * * * *", "0 */5 * * *", "0-59/20 9-17 * * mon-fri", "0 0 13 * 5", "15 10 ? * 6"}
	moments := []int64{1790000000, 1767225599, 1772323200}
	write := func(text string, after int64) {
		fmt.Printf("%q %d", text, after)
		schedule, err := parse(text)
		if err != nil {
			fmt.Println(" refused")
			return
		}
		t := time.Unix(after, 0).UTC()
		for i := 0; i < 4; i++ {
			t = schedule.Next(t)
			if t.IsZero() {
				fmt.Print(" never")
				break
			}
			fmt.Print(" ", t.Unix())
		}
		fmt.Println()
	}
	for i, text := range fixed {
		write(text, moments[i%len(moments)])
	}
	// Around the days on which clocks are changed, in every zone.
	for _, zone := range zones {
		location, err := time.LoadLocation(zone)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		prefix := ""
		if zone != "" {
			prefix = "TZ=" + zone + " "
		}
		_, before := time.Unix(1790000000, 0).In(location).Zone()
		for at := int64(1790000000); at < 1790000000+400*86400; at += 900 {
			_, now := time.Unix(at, 0).In(location).Zone()
			if now == before {
				continue
			}
			before = now
			for _, text := range []string{"30 2 * * *", "0 2 * * *", "30 1 * * *", "0 3 * * *", "0 * * * *", "*/30 * * * *", "15 0 * * *", "0 0 * * *", "45 23 * * *", "0 1-3 * * sun", "30 */2 * * *", "0 0 1 * *", "59 1 * * *"} {
				for _, early := range []int64{100000, 86399, 7300, 3700, 1801, 1, 0, -1, -1800, -3601} {
					if r.Intn(16) == 0 {
						write(prefix+text, at-early)
					}
				}
			}
		}
	}
	for i := 0; i < 500; i++ {
		text := field(r, 0, 59, nil) + " " + field(r, 0, 23, nil) + " " + field(r, 1, 31, nil) + " " + field(r, 1, 12, months) + " " + field(r, 0, 6, days)
		if zone := zones[r.Intn(len(zones))]; zone != "" {
			text = "TZ=" + zone + " " + text
		}
		write(text, 1767225600+r.Int63n(3*365*86400))
	}
}
