import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Follow Strandline's results and keep the newest of each market: {@code FollowResults localhost:9092}. */
public class FollowResults {
    static final String TOPIC = "strandline.results.v1";
    static final String TYPE = "strandline.AnalysisCompleted.v1";

    /** The guard: later candle, then later analysis. The last record of a market may be older than one before it. */
    static boolean supersedes(JsonNode event, JsonNode known) {
        int candles = timeOf(event, "candle_at").compareTo(timeOf(known, "candle_at"));
        return candles != 0 ? candles > 0 : timeOf(event, "analyzed_at").isAfter(timeOf(known, "analyzed_at"));
    }

    static Instant timeOf(JsonNode event, String name) {
        return Instant.parse(event.get(name).asText());
    }

    /** False for a tombstone, and for other versions, which are not for this program. */
    static boolean isResult(ConsumerRecord<byte[], byte[]> record) {
        Header type = record.headers().lastHeader("ce_type");
        return record.value() != null && type != null && TYPE.equals(new String(type.value()));
    }

    public static void main(String[] args) throws Exception {
        Map<String, JsonNode> newest = new HashMap<>();
        ObjectMapper json = new ObjectMapper();
        var bytes = new ByteArrayDeserializer();
        try (var consumer = new KafkaConsumer<>(Map.<String, Object>of("bootstrap.servers", args[0]), bytes, bytes)) {
            List<TopicPartition> partitions = consumer.partitionsFor(TOPIC).stream()
                    .map(one -> new TopicPartition(TOPIC, one.partition())).toList();
            consumer.assign(partitions);
            // The topic is compacted, so that each start rebuilds the state.
            consumer.seekToBeginning(partitions);
            while (true) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    if (!isResult(record)) continue;
                    JsonNode event = json.readTree(record.value()), market = event.get("market");
                    String key = String.join(":", market.get("exchange").asText(), market.get("market_type").asText(),
                            market.get("symbol").asText(), market.get("timeframe").asText());
                    if (newest.containsKey(key) && !supersedes(event, newest.get(key))) continue;
                    newest.put(key, event);
                    System.out.println(key + " " + event.get("candle_at").asText() + " " + event.get("last_price")
                            + " " + event.get("support_levels"));
                }
            }
        }
    }
}
