// Ask Strandline for an analysis over Kafka, and wait: go run ./ask_and_wait localhost:9092 BTCUSDT 1h
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

type answer struct {
	RequestIDs       []string  `json:"request_ids"`
	Reason           string    `json:"reason"`
	SupportLevels    []float64 `json:"support_levels"`
	ResistanceLevels []float64 `json:"resistance_levels"`
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	id := uuid.NewString()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client := must(kgo.NewClient(kgo.SeedBrokers(os.Args[1])))
	// The end of each partition, before publishing: reading starts there, so that an answer that comes at once is read.
	ends := must(kadm.NewClient(client).ListEndOffsets(ctx, "strandline.results.v1", "strandline.failures.v1"))
	client.AddConsumePartitions(ends.KOffsets())

	request := must(json.Marshal(map[string]string{"symbol": os.Args[2], "timeframe": os.Args[3], "request_id": id}))
	record := &kgo.Record{Topic: "strandline.requests.v1", Value: request}
	must(client.ProduceSync(ctx, record).First())
	for ctx.Err() == nil {
		for _, record := range client.PollFetches(ctx).Records() {
			var event answer
			// request_ids decides, never the record's key or id.
			if json.Unmarshal(record.Value, &event) == nil && slices.Contains(event.RequestIDs, id) {
				if event.Reason == "" {
					event.Reason = "completed"
				}
				fmt.Println(event.Reason, event.SupportLevels, event.ResistanceLevels)
				return
			}
		}
	}
	log.Fatalf("no answer to %s; sending it again is safe", id)
}
