import java.util.Map;

/** The ten steps of bench/drawn/ten-steps.ts for engines in Java, and what each of them may use for it. */
final class TenSteps {
  /** The process in the drawing. */
  static final String PROCESS = "steps";
  /** What an instance begins with. */
  static final Map<String, Object> ORDER = Map.of("customer", "c-1001", "total", 129.9);
  /** Threads that do steps, and connections to the database. */
  static final int WORKERS = 16;
  static final int CONNECTIONS = 40;

  private TenSteps() {}

  /**
   * The drawing, with what an engine says in its own words: the declaration of its namespace, attributes of the
   * process, extension elements of the process, attributes of each step.
   */
  static String drawing(String namespace, String ofProcess, String inProcess, String ofStep) {
    StringBuilder steps = new StringBuilder();
    String before = "start";
    for (int n = 1; n <= 10; n++) {
      String step = "step_" + n;
      steps.append("<serviceTask id='%s' %s/>".formatted(step, ofStep)).append(flow(before, step));
      before = step;
    }
    return """
        <definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' %s targetNamespace='bench'>
          <process id='%s' isExecutable='true' %s>
            %s<startEvent id='start'/>%s<endEvent id='end'/>%s
          </process>
        </definitions>
        """.formatted(namespace, PROCESS, ofProcess, inProcess, steps, flow(before, "end"));
  }

  private static String flow(String from, String to) {
    return "<sequenceFlow id='to_%2$s' sourceRef='%1$s' targetRef='%2$s'/>".formatted(from, to);
  }
}
