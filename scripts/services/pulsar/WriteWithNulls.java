import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.pulsar.client.api.BatcherBuilder;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.PulsarClient;

/** A native client that writes `count` numbered messages, of which each third has no value. Arguments: address, topic, batching, count. */
public class WriteWithNulls {
  public static void main(String[] args) throws Exception {
    boolean batching = Boolean.parseBoolean(args[2]);
    int count = Integer.parseInt(args[3]);
    try (var client = PulsarClient.builder().serviceUrl(args[0]).build();
        var producer = client.newProducer().topic(args[1]).enableBatching(batching).batcherBuilder(BatcherBuilder.KEY_BASED).create()) {
      List<CompletableFuture<MessageId>> sent = new ArrayList<>();
      for (int n = 0; n < count; n++) {
        byte[] value = n % 3 == 1 ? null : ("{\"n\":" + n + "}").getBytes();
        sent.add(producer.newMessage().key("k-" + n % 4).property("n", "" + n).property("a", "\u00e9").value(value).sendAsync());
      }
      producer.flush();
      for (var each : sent) each.get();
    }
  }
}
