// Follow the events of levels and keep the open levels of each market: go run ./follow_levels localhost:9092
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

type levelEvent struct {
	Type, Stage string
	EventID     string `json:"event_id"`
	LevelID     string `json:"level_id"`
	Price       float64
}

// isLevelEvent is false for a tombstone and for other versions.
func isLevelEvent(record *kgo.Record) bool {
	return record.Value != nil && slices.ContainsFunc(record.Headers, func(header kgo.RecordHeader) bool {
		return header.Key == "ce_type" && strings.HasPrefix(string(header.Value), "strandline.Level") && strings.HasSuffix(string(header.Value), ".v1")
	})
}

func main() {
	// Without a group, from the beginning: each start folds the retained events, those of a market in order.
	client, err := kgo.NewClient(kgo.SeedBrokers(os.Args[1]), kgo.ConsumeTopics("strandline.levels.v1"))
	if err != nil {
		log.Fatal(err)
	}
	markets, seen := map[string]map[string]float64{}, map[string]bool{}
	for {
		for _, record := range client.PollFetches(context.Background()).Records() {
			event := levelEvent{Stage: "confirmed"}
			// A live event is repeated at the close, confirmed or withdrawn; after a crash all are published again.
			if !isLevelEvent(record) || json.Unmarshal(record.Value, &event) != nil || event.Stage != "confirmed" || seen[event.EventID] {
				continue
			}
			seen[event.EventID] = true
			key := string(record.Key) // the market, such as binance:spot:BTCUSDT:1h
			if markets[key] == nil {
				markets[key] = map[string]float64{}
			}
			prices := markets[key]
			if _, ok := prices[event.LevelID]; event.Type == "retired" {
				delete(prices, event.LevelID)
			} else if ok || event.Type == "appeared" { // else it appeared before the retained events
				prices[event.LevelID] = event.Price
			}
			fmt.Println(key, event.Type, event.LevelID, slices.Sorted(maps.Values(prices)))
		}
	}
}
