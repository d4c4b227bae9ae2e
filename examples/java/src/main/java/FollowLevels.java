import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Follow the events of levels and keep the open levels of each market: {@code FollowLevels localhost:9092}. */
public class FollowLevels {
    static final String TOPIC = "strandline.levels.v1";

    /** False for a tombstone, and for other versions, which are not for this program. */
    static boolean isLevelEvent(ConsumerRecord<byte[], byte[]> record) {
        Header type = record.headers().lastHeader("ce_type");
        return record.value() != null && type != null && new String(type.value()).matches("strandline\\.Level\\w+\\.v1");
    }

    static void fold(Map<String, JsonNode> levels, JsonNode event) {
        String id = event.get("level_id").asText(), type = event.get("type").asText();
        if (type.equals("retired")) levels.remove(id);
        else if (type.equals("appeared") || levels.containsKey(id)) // else it appeared before the retained events
            levels.merge(id, event, (known, news) -> ((ObjectNode) known).setAll((ObjectNode) news));
    }

    public static void main(String[] args) throws Exception {
        Map<String, Map<String, JsonNode>> markets = new HashMap<>();
        Set<String> seen = new HashSet<>();
        ObjectMapper json = new ObjectMapper();
        var bytes = new ByteArrayDeserializer();
        try (var consumer = new KafkaConsumer<>(Map.<String, Object>of("bootstrap.servers", args[0]), bytes, bytes)) {
            List<TopicPartition> partitions = consumer.partitionsFor(TOPIC).stream()
                    .map(one -> new TopicPartition(TOPIC, one.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions); // 30 days of events; those of a market are in order
            while (true) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    if (!isLevelEvent(record)) continue;
                    JsonNode event = json.readTree(record.value());
                    // A live event is repeated at the close, confirmed or withdrawn; after a crash all come again.
                    boolean isConfirmed = event.path("stage").asText("confirmed").equals("confirmed");
                    if (!isConfirmed || !seen.add(event.get("event_id").asText())) continue;
                    String market = new String(record.key()); // such as binance:spot:BTCUSDT:1h
                    var levels = markets.computeIfAbsent(market, key -> new HashMap<>());
                    fold(levels, event);
                    System.out.println(market + " " + event.get("type").asText() + " " + event.get("level_id").asText()
                            + " " + levels.values().stream().map(one -> one.get("price").asDouble()).sorted().toList());
                }
            }
        }
    }
}
