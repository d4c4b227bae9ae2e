// The table as an existing backend in Go uses it: gorm, a struct of its own, and none of Strandline's columns.
//
// Commands: migrate | migrate-narrow | read SYMBOL | upsert SYMBOL PRICE. The address is in DSN. Answers are JSON.
package main

import (
	"encoding/json"
	"log"
	"os"
	"strconv"
	"time"

	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
)

// Floats is a JSON array of numbers in one column.
type Floats []float64

// AnalysisResult is the struct as such a backend declares it: sizes, one unique index, and gorm's own times.
type AnalysisResult struct {
	ID               uint64    `gorm:"primaryKey" json:"id"`
	Exchange         string    `gorm:"size:32;not null;uniqueIndex:idx_market" json:"exchange"`
	Symbol           string    `gorm:"size:64;not null;uniqueIndex:idx_market;index" json:"symbol"`
	MarketType       string    `gorm:"size:16;not null;uniqueIndex:idx_market" json:"market_type"`
	Timeframe        string    `gorm:"size:8;not null;uniqueIndex:idx_market" json:"timeframe"`
	InputLimit       int       `gorm:"not null" json:"input_limit"`
	SupportLevels    Floats    `gorm:"type:json;serializer:json;not null" json:"support_levels"`
	ResistanceLevels Floats    `gorm:"type:json;serializer:json;not null" json:"resistance_levels"`
	LastPrice        float64   `gorm:"not null" json:"last_price"`
	CreatedAt        time.Time `json:"created_at"`
	UpdatedAt        time.Time `gorm:"index" json:"updated_at"`
}

// NarrowResult declares columns that are too narrow for Strandline's values.
type NarrowResult struct {
	ID        uint64  `gorm:"primaryKey"`
	Symbol    string  `gorm:"size:20;not null"`
	Timeframe string  `gorm:"size:10;not null"`
	LastPrice float64 `gorm:"type:float;not null"`
}

// TableName makes both structs describe one table.
func (NarrowResult) TableName() string { return "analysis_results" }

func main() {
	config := &gorm.Config{Logger: logger.Default.LogMode(logger.Error)}
	db, err := gorm.Open(mysql.Open(os.Getenv("DSN")), config)
	if err != nil {
		log.Fatal(err)
	}
	switch os.Args[1] {
	case "migrate":
		err = db.AutoMigrate(&AnalysisResult{})
	case "migrate-narrow":
		err = db.AutoMigrate(&NarrowResult{})
	case "read":
		err = read(db, os.Args[2])
	case "upsert":
		err = upsert(db, os.Args[2], os.Args[3])
	}
	if err != nil {
		log.Fatal(err)
	}
}

func read(db *gorm.DB, symbol string) error {
	var rows []AnalysisResult
	if err := db.Where("symbol = ?", symbol).Order("updated_at DESC").Find(&rows).Error; err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(rows)
}

// upsert writes a result of the backend's own, over a row of the same market.
func upsert(db *gorm.DB, symbol, price string) error {
	last, err := strconv.ParseFloat(price, 64)
	if err != nil {
		return err
	}
	row := AnalysisResult{
		Exchange: "binance", Symbol: symbol, MarketType: "spot", Timeframe: "1h", InputLimit: 100,
		SupportLevels: Floats{last * 0.5}, ResistanceLevels: Floats{}, LastPrice: last,
	}
	payload := []string{"input_limit", "support_levels", "resistance_levels", "last_price", "updated_at"}
	return db.Clauses(clause.OnConflict{DoUpdates: clause.AssignmentColumns(payload)}).Create(&row).Error
}
