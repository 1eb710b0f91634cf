import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The load of bench/closed-loop.ts for engines in Java: a fixed number of instances in flight, each followed by
 * the next as soon as its end is durable. Prints steps and instances per second of each round as its last line.
 */
public abstract class ClosedLoop {
  /** Steps and ended instances so far. */
  static final AtomicLong steps = new AtomicLong();
  static final AtomicLong ended = new AtomicLong();
  private static volatile Runnable next = () -> {};

  /** Begins one instance; its first step is not done by this call. */
  abstract void startInstance();

  /** To be called when the end of an instance is committed. */
  static void instanceEnded() {
    ended.incrementAndGet();
    next.run();
  }

  void measure(String[] args) throws Exception {
    int inFlight = Integer.parseInt(args[1]);
    long warmUpMs = Long.parseLong(args[2]);
    long roundMs = Long.parseLong(args[3]);
    int rounds = Integer.parseInt(args[4]);
    Semaphore wanted = new Semaphore(inFlight);
    next = wanted::release;
    // Begun by threads of their own: the engine's are for its steps.
    for (int i = 0; i < 4; i++) {
      Thread starter = new Thread(() -> {
        while (true) {
          wanted.acquireUninterruptibly();
          startInstance();
        }
      });
      starter.setDaemon(true);
      starter.start();
    }
    Thread.sleep(warmUpMs);
    List<String> seen = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      long from = System.nanoTime(), stepsFrom = steps.get(), endedFrom = ended.get();
      Thread.sleep(roundMs);
      double seconds = (System.nanoTime() - from) / 1e9;
      seen.add("{\"steps\":" + (steps.get() - stepsFrom) / seconds + ",\"instances\":" + (ended.get() - endedFrom) / seconds + "}");
    }
    System.out.println("[" + String.join(",", seen) + "]");
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }
}
