// Receive Strandline's webhooks: verify the signature, then act on each event once.
//
//	STRANDLINE_WEBHOOK_SECRET=whsec_... go run ./verify_webhook 8080
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

type watchEvent struct {
	Type, Symbol, Side string
	Price              float64
}

const maxBody = 65_536

func main() {
	webhook, err := standardwebhooks.NewWebhook(os.Getenv("STRANDLINE_WEBHOOK_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	var seen sync.Map // in a real receiver: a table with a unique key
	http.HandleFunc("POST /", func(answer http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(answer, request.Body, maxBody))
		if err != nil {
			http.Error(answer, "the body cannot be read", http.StatusBadRequest)
			return
		}
		// Checks the time as well: a recorded webhook that is sent again after some minutes is refused.
		if err := webhook.Verify(body, request.Header); err != nil {
			http.Error(answer, err.Error(), http.StatusUnauthorized)
			return
		}
		var event watchEvent
		if err := json.Unmarshal(body, &event); err != nil {
			http.Error(answer, err.Error(), http.StatusBadRequest)
			return
		}
		// Delivery is at least once.
		if _, known := seen.LoadOrStore(request.Header.Get("webhook-id"), true); !known {
			fmt.Println(event.Type, event.Symbol, event.Side, event.Price)
		}
		answer.WriteHeader(http.StatusNoContent)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
