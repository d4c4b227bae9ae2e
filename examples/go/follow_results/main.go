// Follow Strandline's results and keep the newest of each market: go run ./follow_results localhost:9092
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type result struct {
	Market        map[string]string
	CandleAt      time.Time `json:"candle_at"`
	AnalyzedAt    time.Time `json:"analyzed_at"`
	LastPrice     float64   `json:"last_price"`
	SupportLevels []float64 `json:"support_levels"`
}

// supersedes is the guard: later candle, then later analysis. The last record of a market may be older than one before it.
func (r result) supersedes(known result) bool {
	order := r.CandleAt.Compare(known.CandleAt)
	return order > 0 || order == 0 && r.AnalyzedAt.After(known.AnalyzedAt)
}

// isResult is false for a tombstone and for other versions.
func isResult(record *kgo.Record) bool {
	return record.Value != nil && slices.ContainsFunc(record.Headers, func(header kgo.RecordHeader) bool {
		return header.Key == "ce_type" && string(header.Value) == "strandline.AnalysisCompleted.v1"
	})
}

func main() {
	// Without a group, from the beginning: the topic is compacted, so that each start rebuilds the state.
	client, err := kgo.NewClient(kgo.SeedBrokers(os.Args[1]), kgo.ConsumeTopics("strandline.results.v1"))
	if err != nil {
		log.Fatal(err)
	}
	newest := map[string]result{}
	for {
		for _, record := range client.PollFetches(context.Background()).Records() {
			var event result
			if !isResult(record) || json.Unmarshal(record.Value, &event) != nil {
				continue
			}
			m := event.Market
			key := m["exchange"] + ":" + m["market_type"] + ":" + m["symbol"] + ":" + m["timeframe"]
			if known, ok := newest[key]; !ok || event.supersedes(known) {
				newest[key] = event
				fmt.Println(key, event.CandleAt.Format(time.RFC3339), event.LastPrice, event.SupportLevels)
			}
		}
	}
}
