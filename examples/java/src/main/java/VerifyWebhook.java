import com.fasterxml.jackson.databind.ObjectMapper;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpHeaders;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Receive Strandline's webhooks: verify the signature, then act on each event once. {@code VerifyWebhook 8080} */
public class VerifyWebhook {
    static final int MAX_BODY = 65_536;
    static final ObjectMapper JSON = new ObjectMapper();
    static final Webhook WEBHOOK = new Webhook(System.getenv("STRANDLINE_WEBHOOK_SECRET"));
    static final Set<String> SEEN = ConcurrentHashMap.newKeySet(); // in a real receiver: a table with a unique key

    static int receive(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readNBytes(MAX_BODY), "UTF-8");
        HttpHeaders headers = HttpHeaders.of(exchange.getRequestHeaders(), (name, value) -> true);
        try {
            // Checks the time as well: a recorded webhook that is sent again after some minutes is refused.
            WEBHOOK.verify(body, headers);
        } catch (WebhookVerificationException error) {
            return 401;
        }
        // Delivery is at least once.
        if (SEEN.add(headers.firstValue("webhook-id").orElseThrow())) {
            var event = JSON.readTree(body);
            System.out.println(event.get("type").asText() + " " + event.get("symbol").asText() + " "
                    + event.path("side").asText() + " " + event.path("price"));
        }
        return 204;
    }

    public static void main(String[] args) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(receive(exchange), -1);
            }
        });
        server.start();
    }
}
