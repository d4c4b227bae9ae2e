// Reads the result with the id that is given through the client that oapi-codegen made, and prints its prices.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"

	"strandline.example/generated/api"
)

func main() {
	id, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	client, err := api.NewClientWithResponses(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	answer, err := client.GetResultWithResponse(context.Background(), id, nil)
	if err != nil {
		log.Fatal(err)
	}
	if answer.JSON200 == nil {
		log.Fatalf("%s: %s", answer.Status(), answer.Body)
	}
	result := answer.JSON200.Data
	prices := []float64{result.LastPrice}
	prices = append(append(prices, result.SupportLevels...), result.ResistanceLevels...)
	for _, level := range *result.Levels {
		prices = append(prices, level.Price)
	}
	text, err := json.Marshal(prices)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
}
