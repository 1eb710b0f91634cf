import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.flowable.common.engine.api.delegate.event.AbstractFlowableEventListener;
import org.flowable.common.engine.api.delegate.event.FlowableEngineEventType;
import org.flowable.common.engine.api.delegate.event.FlowableEvent;
import org.flowable.common.engine.impl.cfg.TransactionState;
import org.flowable.engine.ProcessEngine;
import org.flowable.engine.delegate.DelegateExecution;
import org.flowable.engine.delegate.JavaDelegate;
import org.flowable.engine.impl.cfg.StandaloneProcessEngineConfiguration;

/** The ten steps on Flowable: each asynchronous, so that each is a transaction of its own. */
public final class FlowableSteps extends ClosedLoop {
  private final ProcessEngine engine;

  private FlowableSteps(String jdbcUrl) {
    StandaloneProcessEngineConfiguration settings = new StandaloneProcessEngineConfiguration();
    settings.setJdbcUrl(jdbcUrl);
    settings.setJdbcDriver("org.postgresql.Driver");
    settings.setJdbcMaxActiveConnections(40);
    settings.setJdbcMaxIdleConnections(40);
    settings.setDatabaseSchemaUpdate("true");
    settings.setAsyncExecutorActivate(true);
    settings.setAsyncExecutorCorePoolSize(16);
    settings.setAsyncExecutorMaxPoolSize(16);
    engine = settings.buildProcessEngine();
    engine.getRuntimeService().addEventListener(new Ends(), FlowableEngineEventType.PROCESS_COMPLETED);
    StringBuilder process = new StringBuilder(
        "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' xmlns:flowable='http://flowable.org/bpmn' targetNamespace='bench'>"
            + "<process id='steps' isExecutable='true'><startEvent id='start'/>");
    String before = "start";
    for (int n = 1; n <= 10; n++) {
      process.append("<serviceTask id='step_" + n + "' flowable:async='true' flowable:class='FlowableSteps$Step'/>");
      process.append("<sequenceFlow id='to_" + n + "' sourceRef='" + before + "' targetRef='step_" + n + "'/>");
      before = "step_" + n;
    }
    process.append("<endEvent id='end'/><sequenceFlow id='to_end' sourceRef='" + before + "' targetRef='end'/></process></definitions>");
    engine.getRepositoryService().createDeployment()
        .addBytes("steps.bpmn20.xml", process.toString().getBytes(StandardCharsets.UTF_8)).deploy();
  }

  @Override
  void startInstance() {
    engine.getRuntimeService().startProcessInstanceByKey("steps", Map.of("customer", "c-1001", "total", 129.9));
  }

  /** A step: keeps its small output, as the others do. */
  public static final class Step implements JavaDelegate {
    @Override
    public void execute(DelegateExecution execution) {
      steps.incrementAndGet();
      execution.setVariable(execution.getCurrentActivityId(), 1);
    }
  }

  private static final class Ends extends AbstractFlowableEventListener {
    Ends() {
      setOnTransaction(TransactionState.COMMITTED.name());
    }

    @Override
    public void onEvent(FlowableEvent event) {
      instanceEnded();
    }

    @Override
    public boolean isFailOnException() {
      return true;
    }

    @Override
    public boolean isFireOnTransactionLifecycleEvent() {
      return true;
    }
  }

  public static void main(String[] args) throws Exception {
    new FlowableSteps(args[0]).measure(args);
  }
}
