// Matches records with sigmalite: `bench-sigmalite <rules folder> <records, one a line> <passes>`.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	sigma "github.com/runreveal/sigmalite"
)

type report struct {
	Records     int            `json:"records"`
	Refused     int            `json:"refused"`
	LoadSeconds float64        `json:"loadSeconds"`
	Seconds     []float64      `json:"seconds"`
	Matches     map[string]int `json:"matches"`
}

// flatten makes dotted names; lists are JSON, because a field of sigmalite holds one text.
func flatten(value map[string]any, path string, into map[string]string) {
	for key, inner := range value {
		name := key
		if path != "" {
			name = path + "." + key
		}
		switch inner := inner.(type) {
		case nil:
		case string:
			into[name] = inner
		case map[string]any:
			flatten(inner, name, into)
		default:
			text, _ := json.Marshal(inner)
			into[name] = string(text)
		}
	}
}

func main() {
	text, err := os.ReadFile(os.Args[2])
	if err != nil {
		panic(err)
	}
	passes, err := strconv.Atoi(os.Args[3])
	if err != nil {
		panic(err)
	}
	result := report{}

	start := time.Now()
	paths, _ := filepath.Glob(filepath.Join(os.Args[1], "*.yml"))
	rules := []*sigma.Rule{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		rule, err := sigma.ParseRule(content)
		if err != nil {
			result.Refused++
			fmt.Fprintln(os.Stderr, filepath.Base(path), err)
			continue
		}
		rules = append(rules, rule)
	}
	result.LoadSeconds = time.Since(start).Seconds()

	for pass := 0; pass < passes; pass++ {
		result.Records, result.Matches = 0, map[string]int{}
		start := time.Now()
		for _, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
			record := map[string]any{}
			if err := json.Unmarshal(line, &record); err != nil {
				panic(err)
			}
			fields := map[string]string{}
			flatten(record, "", fields)
			entry := &sigma.LogEntry{Message: string(line), Fields: fields}
			for _, rule := range rules {
				if rule.Detection.Matches(entry, nil) {
					result.Matches[rule.ID]++
				}
			}
			result.Records++
		}
		result.Seconds = append(result.Seconds, time.Since(start).Seconds())
	}
	json.NewEncoder(os.Stdout).Encode(result)
}
