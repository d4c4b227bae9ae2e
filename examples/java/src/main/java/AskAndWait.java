import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Ask Strandline for an analysis over Kafka, and wait: {@code AskAndWait localhost:9092 BTCUSDT 1h}. */
public class AskAndWait {
    static final ObjectMapper JSON = new ObjectMapper();

    /** Read each partition of the answers from its present end, so that even an answer that comes at once is read. */
    static void assignEnds(KafkaConsumer<byte[], byte[]> consumer) {
        List<TopicPartition> partitions = List.of("strandline.results.v1", "strandline.failures.v1").stream()
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(one -> new TopicPartition(one.topic(), one.partition())).toList();
        consumer.assign(partitions);
        consumer.endOffsets(partitions).forEach(consumer::seek);
    }

    /** {@code request_ids} decides, never the record's key or id. */
    static boolean answers(JsonNode event, String id) {
        return StreamSupport.stream(event.path("request_ids").spliterator(), false).anyMatch(one -> one.asText().equals(id));
    }

    public static void main(String[] args) throws Exception {
        String id = UUID.randomUUID().toString();
        byte[] request = JSON.writeValueAsBytes(Map.of("symbol", args[1], "timeframe", args[2], "request_id", id));
        Map<String, Object> config = Map.of("bootstrap.servers", args[0]);
        var read = new ByteArrayDeserializer();
        var write = new ByteArraySerializer();
        try (var consumer = new KafkaConsumer<>(config, read, read); var producer = new KafkaProducer<>(config, write, write)) {
            assignEnds(consumer); // before publishing
            producer.send(new ProducerRecord<>("strandline.requests.v1", request)).get();
            Instant deadline = Instant.now().plusSeconds(60);
            while (Instant.now().isBefore(deadline)) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    JsonNode event = JSON.readTree(record.value() == null ? new byte[] {'{', '}'} : record.value());
                    if (!answers(event, id)) continue;
                    System.out.println(event.path("reason").asText("completed") + " " + event.get("support_levels")
                            + " " + event.get("resistance_levels"));
                    return;
                }
            }
        }
        throw new IllegalStateException("no answer to " + id + "; sending it again is safe");
    }
}
